import { days, hours, milliseconds, minutes, seconds, type DurationMs } from '../../runtime/duration.ts';

/** Limits and waits of the transaction coordinator; the Kafka broker setting of the same meaning is named beside each. */
export interface TransactionSettings {
  /** `transaction.max.timeout.ms` */
  readonly timeoutMsMax: DurationMs;
  /** `transactional.id.expiration.ms`: how long an id is known that nobody uses. */
  readonly idExpirationMs: DurationMs;
  /** `transaction.remove.expired.transaction.cleanup.interval.ms` */
  readonly expirationCheckIntervalMs: DurationMs;
  /** `transaction.abort.timed.out.transaction.cleanup.interval.ms` */
  readonly timeoutCheckIntervalMs: DurationMs;
  /** `transaction.state.log.num.partitions`, used when the topic is created. */
  readonly stateTopicPartitions: number;
  /** `transaction.state.log.segment.bytes` */
  readonly stateTopicSegmentBytes: number;
  /** Transactional ids known at once. */
  readonly idsMax: number;
  readonly partitionsPerTransactionMax: number;
  /** Memory of all ids and of the partitions of their transactions: about 500 bytes for an id, 150 for a partition. */
  readonly bytesMax: number;
  /** How long a request waits for the markers of the transaction before; then it is told to come again. */
  readonly completionWaitMs: DurationMs;
  /** Before a marker that could not be written is tried again. */
  readonly markerRetryMs: DurationMs;
  /** Bytes read at once while reloading. */
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
