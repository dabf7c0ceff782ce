import type { Producer } from '../coordinator-topic.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import {
  epochMax,
  fenced,
  hasPartition,
  isExhausted,
  isPreparing,
  noEpoch,
  noProducer,
  type ProtocolVersion,
  type TopicPartition,
  type Transaction,
} from './transaction.ts';

/**
 * The outcome of a request for a transaction: it is rejected, it is a repetition and changes
 * nothing, or the transaction gets a new state, which must be on disk before anyone learns of it.
 * Apache Kafka 4.3.1 is the reference for doubtful cases.
 */
export type Decision =
  | { readonly outcome: 'refused'; readonly error: ErrorName }
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'changed'; readonly next: Transaction };

const refused = (error: ErrorName): Decision => ({ outcome: 'refused', error });
const unchanged: Decision = { outcome: 'unchanged' };
const changed = ({ producerId }: Transaction, next: Transaction): Decision => ({
  outcome: 'changed',
  next: { ...next, previousProducerId: producerId },
});

interface InitRequest {
  readonly timeoutMs: number;
  /** The producer id and epoch of a producer that continues after an error (KIP-360). */
  readonly expected: Producer | undefined;
  /** Set when the epochs of the current producer id are exhausted. */
  readonly newProducerId: bigint;
  readonly nowMs: number;
}

/**
 * Decides InitProducerId. When the next transaction is `PrepareAbort`, the producer is told to
 * retry.
 */
export function decideInit(transaction: Transaction, request: InitRequest): Decision {
  const { expected } = request;
  if (expected !== undefined && !mayHold(transaction, expected)) return refused('PRODUCER_FENCED');
  if (isPreparing(transaction)) return refused('CONCURRENT_TRANSACTIONS');
  if (transaction.status === 'Ongoing') return changed(transaction, fenced(transaction, request));
  const epochs = nextEpochs(transaction, request);
  if (epochs === undefined) return refused('PRODUCER_FENCED');
  const { timeoutMs, nowMs } = request;
  return changed(transaction, {
    ...transaction,
    ...epochs,
    status: 'Empty',
    partitions: [],
    timeoutMs,
    startedAtMs: -1,
    updatedAtMs: nowMs,
  });
}

/**
 * Whether the producer has the current id, or the previous one because it has not learned yet that
 * its epochs are exhausted.
 */
const mayHold = (
  { producerId, producerEpoch, previousProducerId }: Transaction,
  expected: Producer,
): boolean =>
  producerEpoch === noEpoch ||
  expected.producerId === producerId ||
  (expected.producerId === previousProducerId && isExhausted(expected.producerEpoch));

type Epochs = Pick<Transaction, 'producerId' | 'producerEpoch' | 'lastProducerEpoch'>;

/** Returns undefined for a producer that another one has replaced. */
function nextEpochs(transaction: Transaction, { expected, newProducerId }: InitRequest): Epochs | undefined {
  const { producerId, producerEpoch, lastProducerEpoch } = transaction;
  const isCurrent =
    expected === undefined || producerEpoch === noEpoch || expected.producerEpoch === producerEpoch;
  if (!isCurrent) {
    const asksAgain = expected.producerEpoch === lastProducerEpoch;
    return asksAgain ? { producerId, producerEpoch, lastProducerEpoch } : undefined;
  }
  const last = expected === undefined ? noEpoch : producerEpoch;
  return isExhausted(producerEpoch)
    ? { producerId: newProducerId, producerEpoch: 0, lastProducerEpoch: last }
    : { producerId, producerEpoch: producerEpoch + 1, lastProducerEpoch: last };
}

interface AddRequest extends Producer {
  readonly partitions: readonly TopicPartition[];
  readonly version: ProtocolVersion;
  readonly nowMs: number;
}

export function decideAdd(transaction: Transaction | undefined, request: AddRequest): Decision {
  const refusal = refuseProducer(transaction, request);
  if (refusal !== undefined || transaction === undefined)
    return refused(refusal ?? 'INVALID_PRODUCER_ID_MAPPING');
  const added = request.partitions.filter((partition) => !hasPartition(transaction, partition));
  const ongoing = transaction.status === 'Ongoing';
  if (ongoing && added.length === 0) return unchanged;
  const { version, nowMs } = request;
  return changed(transaction, {
    ...transaction,
    status: 'Ongoing',
    partitions: [...transaction.partitions, ...added],
    startedAtMs: ongoing ? transaction.startedAtMs : nowMs,
    updatedAtMs: nowMs,
    version,
  });
}

/**
 * Returns undefined when the partition is part of the producer's ongoing transaction, otherwise the
 * error.
 */
export function refuseVerification(
  transaction: Transaction | undefined,
  { partition, ...producer }: Producer & { readonly partition: TopicPartition },
): ErrorName | undefined {
  const refusal = refuseProducer(transaction, producer);
  if (refusal !== undefined) return refusal;
  return transaction !== undefined && hasPartition(transaction, partition)
    ? undefined
    : 'TRANSACTION_ABORTABLE';
}

function refuseProducer(
  transaction: Transaction | undefined,
  { producerId, producerEpoch }: Producer,
): ErrorName | undefined {
  if (transaction === undefined || transaction.producerId !== producerId)
    return 'INVALID_PRODUCER_ID_MAPPING';
  if (transaction.producerEpoch !== producerEpoch) return 'PRODUCER_FENCED';
  return isPreparing(transaction) ? 'CONCURRENT_TRANSACTIONS' : undefined;
}

interface EndRequest extends Producer {
  readonly committed: boolean;
  readonly version: ProtocolVersion;
  /** Set when the epochs of the current producer id are exhausted. */
  readonly newProducerId: bigint;
  readonly nowMs: number;
}

/**
 * Decides EndTxn: protocol version 0 keeps the epoch, version 2 increments it (KIP-890). The next
 * transaction is `PrepareCommit` or `PrepareAbort`.
 */
export function decideEnd(transaction: Transaction | undefined, request: EndRequest): Decision {
  if (transaction === undefined) return refused('INVALID_PRODUCER_ID_MAPPING');
  return request.version === 0
    ? decideEndOfOld(transaction, request)
    : decideEndWithNewEpoch(transaction, request);
}

function decideEndOfOld(transaction: Transaction, request: EndRequest): Decision {
  if (transaction.producerId !== request.producerId) return refused('INVALID_PRODUCER_ID_MAPPING');
  if (transaction.producerEpoch !== request.producerEpoch) return refused('PRODUCER_FENCED');
  if (transaction.status !== 'Ongoing') return decideRepetition(transaction, request.committed);
  return changed(transaction, prepared(transaction, { ...request, newProducerId: noProducer }));
}

function decideEndWithNewEpoch(transaction: Transaction, request: EndRequest): Decision {
  const ended = transaction.status !== 'Empty' && transaction.status !== 'Ongoing';
  if (ended && missedNewId(transaction, request)) return decideRepetition(transaction, request.committed);
  if (transaction.producerId !== request.producerId) return refused('INVALID_PRODUCER_ID_MAPPING');
  if (ended && missedNewEpoch(transaction, request)) return decideRepetition(transaction, request.committed);
  const isCurrent = transaction.producerEpoch === request.producerEpoch && request.producerEpoch < epochMax;
  if (!isCurrent || isPreparing(transaction)) return refused('PRODUCER_FENCED');
  if (transaction.status !== 'Ongoing' && request.committed) return refused('INVALID_TXN_STATE');
  return changed(transaction, prepared(transaction, request));
}

/** Whether the producer still has the epoch before this one, because it missed the answer. */
const missedNewEpoch = ({ producerEpoch }: Transaction, request: EndRequest): boolean =>
  producerEpoch === request.producerEpoch + 1;

/**
 * Whether the producer still has the previous producer id, because it missed the answer with the
 * new one.
 */
const missedNewId = ({ producerEpoch, previousProducerId }: Transaction, request: EndRequest): boolean =>
  producerEpoch === 0 && previousProducerId === request.producerId && isExhausted(request.producerEpoch);

function decideRepetition({ status }: Transaction, committed: boolean): Decision {
  switch (status) {
    case 'CompleteCommit':
    case 'CompleteAbort':
      return (status === 'CompleteCommit') === committed ? unchanged : refused('INVALID_TXN_STATE');
    case 'PrepareCommit':
    case 'PrepareAbort':
      return refused(
        (status === 'PrepareCommit') === committed ? 'CONCURRENT_TRANSACTIONS' : 'INVALID_TXN_STATE',
      );
    default:
      return refused('INVALID_TXN_STATE');
  }
}

function prepared(
  transaction: Transaction,
  { committed, version, newProducerId, nowMs }: EndRequest,
): Transaction {
  const { producerEpoch, lastProducerEpoch, startedAtMs, status } = transaction;
  return {
    ...transaction,
    ...(version === 2
      ? { producerEpoch: producerEpoch + 1, lastProducerEpoch: producerEpoch, nextProducerId: newProducerId }
      : { producerEpoch, lastProducerEpoch }),
    status: committed ? 'PrepareCommit' : 'PrepareAbort',
    startedAtMs: status === 'Ongoing' ? startedAtMs : nowMs,
    updatedAtMs: nowMs,
    version,
  };
}
