import type { Clock, Logger } from '../../runtime/index.ts';
import { CoordinatorTopic, partitionOfId, type Apply } from '../coordinator-topic.ts';
import type { StoredRecord } from '../../records/records.ts';
import type { LogManager } from '../../log/log-manager-port.ts';
import { readTransactionRecord, tombstone, transactionRecord } from './transaction-records.ts';
import type { TransactionSettings } from './settings.ts';
import type { Transaction } from './transaction.ts';

export const stateTopicName = '__transaction_state';

export interface TransactionLogPorts {
  readonly logs: LogManager;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: TransactionSettings;
}

/** `__transaction_state`: the last record of an id is its transaction. What is said of appends in `CoordinatorTopic` holds. */
export class TransactionLog {
  readonly #topic: CoordinatorTopic;
  readonly #logger: Logger;

  constructor({ logs, clock, logger, settings }: TransactionLogPorts) {
    this.#logger = logger;
    this.#topic = new CoordinatorTopic({
      logs,
      clock,
      logger,
      name: stateTopicName,
      partitions: settings.stateTopicPartitions,
      loadBytesMax: settings.loadBytesMax,
      configs: new Map([
        ['cleanup.policy', 'compact'],
        ['compression.type', 'uncompressed'],
        ['segment.bytes', String(settings.stateTopicSegmentBytes)],
      ]),
    });
  }

  /** Creates the topic when it is not there. Throws as `create` of `CoordinatorTopic` does. */
  async create(): Promise<void> {
    await this.#topic.create();
  }

  async append(transaction: Transaction, apply: Apply): Promise<void> {
    const partition = partitionOfId(transaction.transactionalId, await this.#topic.create());
    await this.#topic.append(partition, [transactionRecord(transaction)], apply);
  }

  async forget(transactionalId: string, apply: Apply): Promise<void> {
    const partition = partitionOfId(transactionalId, await this.#topic.create());
    await this.#topic.append(partition, [tombstone(transactionalId)], apply);
  }

  /** Of the coordinator of an id: in every marker, so that one of the past is known. */
  coordinatorEpoch(transactionalId: string): number {
    const { partitions = 1 } = this.#topic;
    return this.#topic.log(partitionOfId(transactionalId, partitions)).leaderEpoch;
  }

  /** Whether the id's partition could not be read: what it says is unknown, which is not the same as nothing. */
  isUnreadable(transactionalId: string): boolean {
    const { partitions } = this.#topic;
    return partitions !== undefined && this.#topic.unreadable.has(partitionOfId(transactionalId, partitions));
  }

  /** The last transaction of every id; none of an id whose partition could not be read to its end: to go on from an earlier one would end a later. */
  load(): Map<string, Transaction> {
    const transactions = new Map<string, Transaction>();
    for (const { records } of this.#topic.batches())
      for (const stored of records) {
        const record = this.#understand(stored);
        if (record?.transaction !== undefined) transactions.set(record.transactionalId, record.transaction);
        else if (record !== undefined) transactions.delete(record.transactionalId);
      }
    for (const id of transactions.keys()) if (this.isUnreadable(id)) transactions.delete(id);
    for (const [partition, cause] of this.#topic.unreadable)
      this.#logger.error(
        { partition, err: cause },
        'transactional ids of this partition of __transaction_state are refused',
      );
    return transactions;
  }

  settled(): Promise<void> {
    return this.#topic.settled();
  }

  /** One record that is not ours must not keep the broker from starting: it is reported and left alone. */
  #understand({ key, value, offset }: StoredRecord) {
    try {
      const record = key === null ? undefined : readTransactionRecord(key, value);
      if (record === undefined)
        this.#logger.warn(
          { offset },
          'a record of __transaction_state is of an unknown kind and was skipped',
        );
      return record;
    } catch (error) {
      this.#logger.error(
        { offset, err: error },
        'a record of __transaction_state cannot be read and was skipped',
      );
      return undefined;
    }
  }
}
