import { SerialQueues } from '../runtime/serial-queue.ts';
import { batchHeaderBytes, type RecordBatch } from '../records/record-batch.ts';
import type { PartitionLog } from '../log/partition-log-port.ts';
import { type AppendOptions } from '../log/batches/produced-batch.ts';
import { ProtocolError, type ErrorName } from '../protocol/errors.ts';
import type {
  ProtocolVersion,
  TopicPartition,
  TransactionInput,
} from '../coordinators/transactions/transaction.ts';
import type { TransactionCoordinator } from '../coordinators/transactions/transaction-coordinator.ts';

/** How versions of an API treat a partition that is not part of the transaction (KIP-890). */
interface TransactionalVersions {
  /**
   * From this version, the client knows TRANSACTION_ABORTABLE. Before, it receives
   * INVALID_TXN_STATE.
   */
  readonly abortableSince: number;
  /** From this version, the broker adds the partition itself. */
  readonly addsSince: number;
}

interface TransactionalWrite extends TopicPartition {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** The sequence of the batch; -1 if the coordinator writes it. */
  readonly baseSequence: number;
  readonly apiVersion: number;
  readonly versions: TransactionalVersions;
}

/** Temporary conditions of the coordinator. Older clients retry only on a code that they know. */
const passing: readonly ErrorName[] = [
  'CONCURRENT_TRANSACTIONS',
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'NOT_COORDINATOR',
];

/**
 * Asks the coordinator whether a write belongs to its producer's transaction, and adds the
 * partition for clients that leave that to the broker (KIP-890).
 */
export class TransactionalAppends {
  readonly #transactions: TransactionCoordinator;
  /** The additions of partitions in progress, by producer. Later batches wait behind them. */
  readonly #adding = new SerialQueues<bigint>();

  constructor(transactions: TransactionCoordinator) {
    this.#transactions = transactions;
  }

  /**
   * Throws or rejects when the write does not belong to the transaction. Synchronous, unless a
   * partition has to be added first.
   */
  admit(write: TransactionalWrite, log: PartitionLog): AppendOptions | Promise<AppendOptions> {
    const { producerId } = write;
    if (this.#adding.isBusy(producerId))
      return this.#adding.run(producerId, async () => this.#admitNow(write, log));
    const admitted = this.#admitNow(write, log);
    return admitted instanceof Promise ? this.#adding.run(producerId, () => admitted) : admitted;
  }

  #admitNow(write: TransactionalWrite, log: PartitionLog): AppendOptions | Promise<AppendOptions> {
    const adds = write.apiVersion >= write.versions.addsSince;
    const admitted: AppendOptions = { inTransaction: true };
    if (log.hasOpenTransaction(write.producerId, write.producerEpoch)) return admitted;
    log.expectTransaction({ ...write, beginsAtSequence0: adds });
    const input = inputOf(write, adds ? 2 : 0);
    const refusal = this.#transactions.verify(input, write);
    if (refusal === 'NONE') return admitted;
    if (!adds) throw refused(refusal, write);
    const added = this.#transactions.addPartitions(input, [
      { topic: write.topic, partition: write.partition },
    ]);
    return added.then((code) => {
      if (code !== 'NONE') throw refused(code, write);
      return admitted;
    });
  }
}

const inputOf = (
  { transactionalId, producerId, producerEpoch }: TransactionalWrite,
  version: ProtocolVersion,
): TransactionInput => ({
  transactionalId,
  producerId,
  producerEpoch,
  version,
});

function refused(
  code: ErrorName,
  { apiVersion, versions, topic, partition, transactionalId }: TransactionalWrite,
): ProtocolError {
  const place = `${topic}-${partition} in transaction ${transactionalId}`;
  const adds = apiVersion >= versions.addsSince;
  if (code === 'PRODUCER_FENCED')
    return new ProtocolError(
      'INVALID_PRODUCER_EPOCH',
      `${place}: a newer producer uses the transactional id`,
    );
  if (code === 'TRANSACTION_ABORTABLE' && apiVersion < versions.abortableSince)
    return new ProtocolError('INVALID_TXN_STATE', `${place}: the partition was not added`);
  if (passing.includes(code) && !(adds && code === 'CONCURRENT_TRANSACTIONS'))
    return new ProtocolError(
      'NOT_ENOUGH_REPLICAS',
      `${place}: the coordinator cannot tell yet whether the partition is part of it: try again`,
    );
  return new ProtocolError(
    code,
    `${place}: the partition is not part of an ongoing transaction of this producer`,
  );
}

/**
 * Returns the producer of a transactional batch, or undefined for any other batch and for one that
 * is shorter than its header.
 */
export function transactionalProducer(batch: RecordBatch) {
  if (batch.sizeBytes < batchHeaderBytes || !batch.isTransactional) return undefined;
  const { producerId, producerEpoch, baseSequence } = batch;
  return { producerId, producerEpoch, baseSequence };
}
