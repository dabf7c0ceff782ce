import { minutes, seconds } from '@millrace/streaming-core/runtime';

export interface SagaSettings {
  /** Silence after which a command is sent again, unless its step says otherwise. */
  readonly stepTimeoutMs: number;
  /** Re-sends of a compensatable step before silence counts as a timeout, unless the step says otherwise. */
  readonly resendsMax: number;
  /** Cap of the doubling delay between re-sends of what is never given up: pivot, retriable steps, compensations, closing. */
  readonly resendDelayMsMax: number;
  /** Times a command is sent before its saga says `needs_attention`. It is sent on all the same. */
  readonly attemptsBeforeAttention: number;
  /** Replies to unknown commands that one saga records. */
  readonly ignoredRepliesMax: number;
}

export const defaultSagaSettings: SagaSettings = Object.freeze({
  stepTimeoutMs: seconds(30),
  resendsMax: 2,
  resendDelayMsMax: minutes(5),
  attemptsBeforeAttention: 8,
  ignoredRepliesMax: 100,
});
