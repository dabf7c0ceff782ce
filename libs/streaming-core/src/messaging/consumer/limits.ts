import { doubled, milliseconds, seconds, type DurationMs } from '../../runtime/index.ts';
import { retryPolicy, type RetryPolicy } from './parking/retry-policy.ts';

export interface ConsumerLimits extends RetryPolicy {
  readonly batchMessagesMax: number;
  /** A batch that took longer halves the next one; quick ones let it grow again. */
  readonly batchMsMax: DurationMs;
  /** Per partition; fetching pauses above either. */
  readonly bufferMessagesMax: number;
  readonly bufferBytesMax: number;
  readonly transactionsConcurrentMax: number;
  /** What becomes ready while a transaction runs waits for it, and goes into the next one together; one that takes longer than this holds up nobody. */
  readonly gatherMsMax: DurationMs;
  /** How long a batch waits for others, unless they fill a transaction before. */
  readonly lingerMs: DurationMs;
  readonly fetchesConcurrentMax: number;
  readonly retryDelayMsMin: DurationMs;
  readonly retryDelayMsMax: DurationMs;
  /** Interval between two calls of `handleDuplicate` for one message. */
  readonly duplicateEveryMs: DurationMs;
  /** Messages whose last call a process remembers. */
  readonly duplicatesMax: number;
  /** How often a refused offset is looked at again. */
  readonly refusedRetryMs: DurationMs;
  /** For the transactions in flight when partitions are revoked. Below the group's session timeout; who is later is fenced. */
  readonly drainTimeoutMs: DurationMs;
  /** How long the offsets for Kafka's lag tools may lag themselves. */
  readonly commitDelayMs: DurationMs;
  /**
   * Parked messages of one key, and of the whole group. A partition that needs more room waits for
   * it. Transactions that run at the same time may each add a batch to what the group has.
   */
  readonly parkedPerKeyMax: number;
  readonly parkedMessagesMax: number;
  readonly parkedBytesMax: number;
}

export const consumerLimits: ConsumerLimits = Object.freeze({
  batchMessagesMax: 100,
  batchMsMax: milliseconds(50),
  bufferMessagesMax: 1_000,
  bufferBytesMax: 2_000_000,
  transactionsConcurrentMax: 4,
  gatherMsMax: milliseconds(200),
  lingerMs: 0,
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
