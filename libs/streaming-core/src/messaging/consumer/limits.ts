import { doubled, milliseconds, seconds, type DurationMs, hours, minutes } from '../../runtime/index.ts';

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

const retryPolicy: RetryPolicy = Object.freeze({
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

export interface ConsumerLimits extends RetryPolicy {
  readonly batchMessagesMax: number;
  /** A batch that takes longer halves the size of the next one. Quick batches let it grow again. */
  readonly batchMsMax: DurationMs;
  /** Limits per partition. Fetching pauses above either of them. */
  readonly bufferMessagesMax: number;
  readonly bufferBytesMax: number;
  readonly transactionsConcurrentMax: number;
  /**
   * Batches that become ready while a transaction runs wait for its end and share the next one. A
   * transaction that takes longer than this delays no other.
   */
  readonly gatherMsMax: DurationMs;
  /**
   * The pause after a fetch that brought the last records of its partitions. What is published
   * meanwhile shares the next fetch and its transaction. Meant for effects that nobody waits for.
   */
  readonly lingerMs: DurationMs;
  /**
   * How long records without a handler wait for one that has a handler, so that the offset moves
   * past them without a transaction of their own.
   */
  readonly skippedWaitMsMax: DurationMs;
  readonly fetchesConcurrentMax: number;
  readonly retryDelayMsMin: DurationMs;
  readonly retryDelayMsMax: DurationMs;
  /** The interval between two calls of `handleDuplicate` for one message. */
  readonly duplicateEveryMs: DurationMs;
  /** The number of messages for which a process remembers the last call of `handleDuplicate`. */
  readonly duplicatesMax: number;
  /** The interval between two checks of a refused offset. */
  readonly refusedRetryMs: DurationMs;
  /**
   * The time that transactions in flight have when partitions are revoked. Keep it below the
   * group's session timeout. Transactions that take longer are fenced.
   */
  readonly drainTimeoutMs: DurationMs;
  /** The delay of the offsets that are committed for Kafka's lag tools. */
  readonly commitDelayMs: DurationMs;
  /**
   * Limits of the parked messages of one key and of the whole group. A partition that needs more
   * room waits for it. Concurrent transactions may each exceed the group's limits by one batch.
   */
  readonly parkedPerKeyMax: number;
  readonly parkedMessagesMax: number;
  readonly parkedBytesMax: number;
}

/** The limits of a consumer that names no others. */
export const consumerLimits: ConsumerLimits = Object.freeze({
  batchMessagesMax: 100,
  batchMsMax: milliseconds(50),
  bufferMessagesMax: 1_000,
  bufferBytesMax: 2_000_000,
  transactionsConcurrentMax: 4,
  gatherMsMax: milliseconds(200),
  lingerMs: 0,
  skippedWaitMsMax: milliseconds(500),
  fetchesConcurrentMax: 3,
  retryDelayMsMin: milliseconds(100),
  retryDelayMsMax: seconds(5),
  duplicateEveryMs: seconds(1),
  duplicatesMax: 10_000,
  refusedRetryMs: seconds(30),
  drainTimeoutMs: seconds(6),
  commitDelayMs: seconds(1),
  ...retryPolicy,
  parkedPerKeyMax: 1_000,
  parkedMessagesMax: 10_000,
  parkedBytesMax: 100_000_000,
});

/** The pause after the given number of failures in a row, which is at least 1. */
export const retryDelay = (
  { retryDelayMsMin, retryDelayMsMax }: ConsumerLimits,
  failures: number,
): DurationMs => doubled(retryDelayMsMin, failures - 1, retryDelayMsMax);
