import type { Producer } from '../coordinator-topic.ts';
import type { ErrorCode } from '../../protocol/errors.ts';
import { days, hours, milliseconds, minutes, seconds, type DurationMs } from '../../runtime/clock.ts';

/** Kafka's names for the states of a transaction, as the describing APIs show them. */
export type TransactionStatus =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort'
  | 'Dead'
  | 'PrepareEpochFence';

/** The numbers of the states in the log. */
export const statusCodes: Readonly<Record<TransactionStatus, number>> = {
  Empty: 0,
  Ongoing: 1,
  PrepareCommit: 2,
  PrepareAbort: 3,
  CompleteCommit: 4,
  CompleteAbort: 5,
  Dead: 6,
  PrepareEpochFence: 7,
};

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/**
 * The protocol version that began or ended the transaction: 0 without KIP-890, 2 with a new epoch
 * for each transaction (KIP-890).
 */
export type ProtocolVersion = 0 | 2;

/** The state of a transactional id, which is the state of its last transaction. */
export interface Transaction {
  readonly transactionalId: string;
  readonly status: TransactionStatus;
  readonly producerId: bigint;
  /** -1 before the first producer has received one. */
  readonly producerEpoch: number;
  /**
   * The epoch that a retrying producer may still have; -1 if there is none. Not stored in the log.
   */
  readonly lastProducerEpoch: number;
  /**
   * The producer id before the last change of state. Differs from `producerId` while the producer
   * may not know yet that its epochs are exhausted.
   */
  readonly previousProducerId: bigint;
  /** The producer id to use after the transaction has ended; -1 if it stays the same. */
  readonly nextProducerId: bigint;
  readonly timeoutMs: number;
  readonly partitions: readonly TopicPartition[];
  /** Unix milliseconds; -1 before the first transaction. */
  readonly startedAtMs: number;
  readonly updatedAtMs: number;
  readonly version: ProtocolVersion;
}

export interface InitProducerIdInput {
  readonly transactionalId: string;
  readonly timeoutMs: number;
  /** The producer id and epoch of a producer that continues after an error (KIP-360). */
  readonly expected: Producer | undefined;
}

export interface InitProducerIdResult extends Producer {
  readonly errorCode: ErrorCode;
}

export interface TransactionInput extends Producer {
  readonly transactionalId: string;
  readonly version: ProtocolVersion;
}

export interface TransactionFilter {
  /** Kafka's names of the states to list; empty for all. */
  readonly statuses: readonly string[];
  readonly producerIds: readonly bigint[];
  /** Lists only transactions that have run longer than this; negative for all. */
  readonly longerThanMs: bigint;
  readonly pattern: RegExp | undefined;
}

export const noProducer = -1n;
export const noEpoch = -1;
export const epochMax = 32_767;

export const newTransaction = (transactionalId: string, producerId: bigint, nowMs: number): Transaction => ({
  transactionalId,
  status: 'Empty',
  producerId,
  producerEpoch: noEpoch,
  lastProducerEpoch: noEpoch,
  previousProducerId: noProducer,
  nextProducerId: noProducer,
  timeoutMs: 0,
  partitions: [],
  startedAtMs: -1,
  updatedAtMs: nowMs,
  version: 0,
});

/**
 * Whether the epoch cannot be incremented for another producer, so that the next one needs a new
 * producer id. The very last epoch is reserved for fencing.
 */
export const isExhausted = (epoch: number): boolean => epoch >= epochMax - 1;

export const isPreparing = ({ status }: Transaction): boolean =>
  status === 'PrepareCommit' || status === 'PrepareAbort';

export const hasPartition = ({ partitions }: Transaction, { topic, partition }: TopicPartition): boolean =>
  partitions.some((one) => one.partition === partition && one.topic === topic);

/**
 * The transaction aborted by the coordinator, because of a new producer or a timeout. The epoch in
 * the marker fences the old producer. If it is the very last epoch, no producer receives it, and
 * `newProducerId` is next.
 */
export const fenced = (
  transaction: Transaction,
  { newProducerId, nowMs }: { readonly newProducerId: bigint; readonly nowMs: number },
): Transaction => ({
  ...transaction,
  status: 'PrepareAbort',
  producerEpoch: Math.min(transaction.producerEpoch + 1, epochMax),
  lastProducerEpoch: transaction.producerEpoch,
  previousProducerId: transaction.producerId,
  nextProducerId: newProducerId,
  updatedAtMs: nowMs,
  version: 2,
});

/** The transaction after every partition has its marker. */
export function completed(transaction: Transaction, nowMs: number): Transaction {
  const { nextProducerId, producerId } = transaction;
  const status = transaction.status === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort';
  const ended = {
    ...transaction,
    status,
    partitions: [],
    updatedAtMs: nowMs,
    nextProducerId: noProducer,
    previousProducerId: producerId,
  } as const;
  return nextProducerId === noProducer ? ended : { ...ended, producerId: nextProducerId, producerEpoch: 0 };
}

export const isTimedOut = ({ status, startedAtMs, timeoutMs }: Transaction, nowMs: number): boolean =>
  status === 'Ongoing' && startedAtMs + timeoutMs < nowMs;

/** Whether the id has been unused for `transactional.id.expiration.ms`. */
export const isExpired = (
  { status, updatedAtMs }: Transaction,
  nowMs: number,
  expirationMs: number,
): boolean =>
  (status === 'Empty' || status === 'CompleteCommit' || status === 'CompleteAbort') &&
  updatedAtMs + expirationMs <= nowMs;

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
