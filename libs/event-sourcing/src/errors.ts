import { CodedError } from '@millrace/streaming-core/runtime';
import type { ExpectedVersion } from './event-store.ts';

/** Every error of this library, by its code. */
export const eventStoreErrors = {
  wrong_expected_version: 'Another transaction wrote to the stream first',
  undeclared_stream: 'A handler uses a stream that is not among its locks, so its batch has not locked it',
  append_too_large: 'An append or a batch has too many streams or events',
  event_not_storable: 'An event has text that PostgreSQL cannot store',
  event_too_large: 'An event has too many bytes',
  event_type_undeclared: 'An event is of a type that its service does not declare',
  event_not_readable: 'A stored event is of a type or version that this release does not know',
  keys_missing:
    'An event names the person whose data it holds, but its store has no keys to seal or open them',
  invalid_event_id: 'The id of a published event is not a UUIDv7',
  invalid_stream_id: 'A stream id is empty or too long',
  stream_named_twice: 'An append or a decision names a stream twice',
  stream_not_loaded: 'A decision adds to a stream that is not among its streams',
  stream_too_long: 'A stream has more events than one read returns',
  rebuild_not_possible: 'A projection is unknown or has no tables, so it cannot be rebuilt',
  rebuild_running: 'A projection is already being rebuilt',
  rebuild_unknown: 'A projection is not being rebuilt',
  rebuild_moved: 'A rebuild is not in the state that the caller has seen',
  state_not_storable: 'A state cannot be stored in a snapshot; the stream continues without a new one',
  snapshot_damaged: 'A snapshot does not contain a valid state; the stream is folded from its first event',
} as const;

export type EventStoreErrorCode = keyof typeof eventStoreErrors;

/**
 * Thrown if the transaction cannot commit. Load the state and decide again, as
 * `optimisticTransaction` does.
 */
export class WrongExpectedVersionError extends Error {
  readonly code = 'wrong_expected_version' satisfies EventStoreErrorCode;
  readonly stream: string;
  readonly expected: ExpectedVersion;
  readonly actual: bigint;

  constructor(
    conflict: { stream: string; expected: ExpectedVersion; actual: bigint },
    options?: ErrorOptions,
  ) {
    super(
      `stream ${conflict.stream} is at version ${conflict.actual}, expected ${conflict.expected}: ` +
        'load it and decide again',
      options,
    );
    this.name = 'WrongExpectedVersionError';
    this.stream = conflict.stream;
    this.expected = conflict.expected;
    this.actual = conflict.actual;
  }
}

/** Thrown if the store rejects a call. The same call would fail again. */
export class EventStoreError extends CodedError<EventStoreErrorCode> {
  override readonly name = 'EventStoreError';
  /** The stream, if the call concerns a single one. */
  readonly stream?: string;

  constructor(
    code: EventStoreErrorCode,
    message: string,
    { stream, ...options }: ErrorOptions & { readonly stream?: string } = {},
  ) {
    super(code, message, options);
    this.stream = stream;
  }
}
