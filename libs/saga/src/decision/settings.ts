import { minutes, seconds } from '@millrace/streaming-core/runtime';

export interface SagaSettings {
  /**
   * How long a command may stay unanswered before it is sent again, unless its step says otherwise.
   */
  readonly stepTimeoutMs: number;
  /**
   * How many times the command of a compensatable step is sent again before silence counts as a
   * timeout, unless the step says otherwise.
   */
  readonly resendsMax: number;
  /**
   * The limit of the doubling delay between re-sends of commands that are never given up: those of
   * the pivot, of retriable steps, of compensations and of the closing command.
   */
  readonly resendDelayMsMax: number;
  /**
   * How many times a command is sent before its saga needs attention. The re-sends continue after
   * that.
   */
  readonly attemptsBeforeAttention: number;
  /** The number of ignored replies that one saga records. */
  readonly ignoredRepliesMax: number;
}

/**
 * The settings of a service that names no others. A command is sent again after 30 seconds; a
 * compensatable step counts as timed out after 2 re-sends.
 */
export const defaultSagaSettings: SagaSettings = Object.freeze({
  stepTimeoutMs: seconds(30),
  resendsMax: 2,
  resendDelayMsMax: minutes(5),
  attemptsBeforeAttention: 8,
  ignoredRepliesMax: 100,
});
