import { PersonalDataError } from '@millrace/streaming-core/personal';
import { CodedError } from '@millrace/streaming-core/runtime';
import { fileURLToPath } from 'node:url';

/** Every error of this library, by its code. */
export const sagaErrors = {
  invalid_definition: 'A saga definition is not valid',
  unknown_version: 'A live instance needs a version of its definition that is not registered',
  unknown_start_version: 'New instances are to start with a version that is not registered',
  wrong_key:
    "The key of the start message is not the saga's id, so replies would arrive on another partition",
  local_step_failed: 'The service could not decide the command of a local pivot',
  saga_ended: 'An operator acted on a saga that has ended',
  saga_paused: 'An operator acted on a paused saga without resuming it',
  saga_not_paused: 'An operator resumed a saga that is not paused',
  already_compensating: 'An operator forced a compensation that has begun',
  after_pivot: 'An operator forced a compensation after the pivot was sent',
  pivot_decides: 'An operator gave a result to the pivot, which only its participant decides',
  unexpected_result: 'An operator gave a result that is no reply to the awaited command',
  unknown_step: 'An operator named a step that the saga does not wait for',
  step_needed: 'An operator named no step, and the saga waits for several',
  result_needed: 'An operator skipped a command without a result',
  unknown_hold: 'An operator held back a definition or a topic that the service does not know',
  nothing_to_send: 'An operator retried a wait, which has no command',
  invalid_result: 'An operator gave a result that the schema of the reply refuses',
  several_sagas: 'An operator named a saga by an id alone that sagas of several definitions have',
  version_moved: 'The saga has changed since the operator looked at it',
  personal_erased: 'A command needs personal data that was erased; it is not sent, and its step times out',
  unroutable_command: "A command is on none of the definition's command topics",
} as const;

export type SagaErrorCode = keyof typeof sagaErrors;

/**
 * A saga cannot be defined, found or changed. `code` is one of `sagaErrors`, and the message names
 * the saga and the remedy.
 */
export class SagaError extends CodedError<SagaErrorCode> {
  override readonly name = 'SagaError';
}

/** Whether the database of the keys for personal data has not answered. Neither saga nor step is at fault. */
export const isWithoutKeys = (error: unknown): boolean =>
  error instanceof PersonalDataError && error.code === 'keys_unavailable';

/**
 * The folder of this library's migrations, the same from `src` and from `dist`. Apply them after
 * those of event-sourcing.
 */
export const sagaMigrations: string = fileURLToPath(new URL('../migrations', import.meta.url));
