import { doubled, hours, minutes, seconds, type DurationMs } from '../../../runtime/index.ts';

/**
 * How long a failing message is retried before it becomes a dead letter. A handler
 * may override each field.
 */
export interface RetryPolicy {
  /** The message is retried in place for this long, while its partition waits. */
  readonly inPlaceMs: DurationMs;
  /**
   * After that, the message is parked for this long, and only the messages of its key wait. With 0
   * it becomes a dead letter instead.
   */
  readonly parkedMs: DurationMs;
  /**
   * The first pause between two attempts at a parked message. Each further pause is twice as long.
   */
  readonly parkedPauseMsMin: DurationMs;
  readonly parkedPauseMsMax: DurationMs;
  /**
   * A parked message is tried at least this many times before it becomes a dead letter. One that
   * waited behind another may not have been tried at all when its time is up.
   */
  readonly parkedRetriesMin: number;
}

export const retryPolicy: RetryPolicy = Object.freeze({
  inPlaceMs: seconds(5),
  parkedMs: hours(1),
  parkedPauseMsMin: seconds(5),
  parkedPauseMsMax: minutes(5),
  parkedRetriesMin: 3,
});

/** The pause before the next retry of a parked message, given the number of retries so far. */
export const parkedPause = (
  { parkedPauseMsMin, parkedPauseMsMax }: RetryPolicy,
  retries: number,
): DurationMs => doubled(parkedPauseMsMin, retries, parkedPauseMsMax);
