import { days, hours, milliseconds, minutes, seconds, type DurationMs } from '../../runtime/clock.ts';

/**
 * Limits and timeouts of the transaction coordinator, with the Kafka broker configs of the same
 * meaning.
 */
export interface TransactionSettings {
  /** `transaction.max.timeout.ms` */
  readonly timeoutMsMax: DurationMs;
  /** `transactional.id.expiration.ms`: how long an unused transactional id is kept. */
  readonly idExpirationMs: DurationMs;
  /** `transaction.remove.expired.transaction.cleanup.interval.ms` */
  readonly expirationCheckIntervalMs: DurationMs;
  /** `transaction.abort.timed.out.transaction.cleanup.interval.ms` */
  readonly timeoutCheckIntervalMs: DurationMs;
  /** `transaction.state.log.num.partitions`. Applies when the topic is created. */
  readonly stateTopicPartitions: number;
  /** `transaction.state.log.segment.bytes` */
  readonly stateTopicSegmentBytes: number;
  /** Limits the number of transactional ids. */
  readonly idsMax: number;
  readonly partitionsPerTransactionMax: number;
  /**
   * Limits the memory of all ids and of the partitions of their transactions: about 500 bytes for
   * an id, 150 for a partition.
   */
  readonly bytesMax: number;
  /**
   * How long a request waits for the markers of the previous transaction before the client is told
   * to retry.
   */
  readonly completionWaitMs: DurationMs;
  /** The delay before a failed marker is written again. */
  readonly markerRetryMs: DurationMs;
  /** Bytes of one read while the topic is loaded. */
  readonly loadBytesMax: number;
}

export const defaultTransactionSettings: TransactionSettings = Object.freeze({
  timeoutMsMax: minutes(15),
  idExpirationMs: days(7),
  expirationCheckIntervalMs: hours(1),
  timeoutCheckIntervalMs: seconds(10),
  stateTopicPartitions: 50,
  stateTopicSegmentBytes: 104_857_600,
  idsMax: 100_000,
  partitionsPerTransactionMax: 10_000,
  bytesMax: 268_435_456,
  completionWaitMs: seconds(1),
  markerRetryMs: milliseconds(200),
  loadBytesMax: 1_048_576,
});
