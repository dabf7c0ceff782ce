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

/** Numbers of the states in the log. */
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

/** Which protocol ended or began the transaction: 0 as before, 2 with a new epoch for each transaction (KIP-890). */
export type ProtocolVersion = 0 | 2;

/** All that is known of a transactional id (5.4.1 of the protocol notes). Only the last transaction counts. */
export interface Transaction {
  readonly transactionalId: string;
  readonly status: TransactionStatus;
  readonly producerId: bigint;
  /** -1 before the first producer was told one. */
  readonly producerEpoch: number;
  /** What a producer that asks again may still hold; -1 when nobody may. Not in the log. */
  readonly lastProducerEpoch: number;
  /** The id before the last change of state: another than `producerId` for as long as its producer may not have heard that its epochs are used up. */
  readonly previousProducerId: bigint;
  /** The id that follows once the transaction has ended; -1 when it stays. */
  readonly nextProducerId: bigint;
  readonly timeoutMs: number;
  readonly partitions: readonly TopicPartition[];
  /** Unix milliseconds; -1 before the first transaction. */
  readonly startedAtMs: number;
  readonly updatedAtMs: number;
  readonly version: ProtocolVersion;
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

/** X4: the epoch cannot be raised once more for a producer; the next one needs a new id. The very last epoch is kept for fencing. */
export const isExhausted = (epoch: number): boolean => epoch >= epochMax - 1;

export const isPreparing = ({ status }: Transaction): boolean =>
  status === 'PrepareCommit' || status === 'PrepareAbort';

export const hasPartition = ({ partitions }: Transaction, { topic, partition }: TopicPartition): boolean =>
  partitions.some((one) => one.partition === partition && one.topic === topic);

/**
 * Aborted over the head of its producer: by a new one, or because its time is up (X2, X14). The epoch in the marker fences the old producer;
 * where that is the very last one, nobody is told it, and `newProducerId` follows.
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

/** After every partition has its marker. */
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

/** `transactional.id.expiration.ms`: nobody has used it for so long. */
export const isExpired = (
  { status, updatedAtMs }: Transaction,
  nowMs: number,
  expirationMs: number,
): boolean =>
  (status === 'Empty' || status === 'CompleteCommit' || status === 'CompleteAbort') &&
  updatedAtMs + expirationMs <= nowMs;
