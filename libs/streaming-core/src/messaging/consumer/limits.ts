import { milliseconds, seconds, type DurationMs } from '../../runtime/index.ts';

export interface ConsumerLimits {
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
  /** Of a message alone, before it becomes a dead letter. */
  readonly attemptsMax: number;
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
  attemptsMax: 5,
  retryDelayMsMin: milliseconds(100),
  retryDelayMsMax: seconds(5),
  duplicateEveryMs: seconds(1),
  duplicatesMax: 10_000,
  refusedRetryMs: seconds(30),
  drainTimeoutMs: seconds(6),
  commitDelayMs: seconds(1),
});

/** Doubles from the least to the greatest delay. */
export const retryDelay = (
  { retryDelayMsMin, retryDelayMsMax }: ConsumerLimits,
  failures: number,
): DurationMs => Math.min(retryDelayMsMin * 2 ** Math.max(0, failures - 1), retryDelayMsMax);
