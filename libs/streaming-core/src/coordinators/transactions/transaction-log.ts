import type { Clock, Logger } from '../../runtime/index.ts';
import { CoordinatorTopic, partitionOfId, type Apply } from '../coordinator-topic.ts';
import type { StoredRecord } from '../../records/records.ts';
import type { LogManager } from '../../log/log-manager.ts';
import { readTransactionRecord, tombstone, transactionRecord } from './transaction-records.ts';
import type { TransactionSettings, Transaction } from './transaction.ts';

export const stateTopicName = '__transaction_state';

interface TransactionLogPorts {
  readonly logs: LogManager;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: TransactionSettings;
}

/**
 * `__transaction_state`. The last record of an id is its transaction. Appends behave like those of
 * `CoordinatorTopic`.
 */
export class TransactionLog {
  readonly #topic: CoordinatorTopic;
  readonly #logger: Logger;

  constructor({ settings, ...ports }: TransactionLogPorts) {
    this.#logger = ports.logger;
    this.#topic = new CoordinatorTopic({
      ...ports,
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

  /** Creates the topic if it does not exist. Throws as `create` of `CoordinatorTopic` does. */
  async create(): Promise<void> {
    await this.#topic.create();
  }

  async append(transaction: Transaction, apply: Apply): Promise<void> {
    await this.#topic.append(transaction.transactionalId, [transactionRecord(transaction)], apply);
  }

  async forget(transactionalId: string, apply: Apply): Promise<void> {
    await this.#topic.append(transactionalId, [tombstone(transactionalId)], apply);
  }

  /**
   * The epoch of the coordinator of an id. Every marker has it, so that a marker of a former
   * coordinator is recognized.
   */
  coordinatorEpoch(transactionalId: string): number {
    const { partitions = 1 } = this.#topic;
    return this.#topic.log(partitionOfId(transactionalId, partitions)).leaderEpoch;
  }

  /**
   * Whether the id's partition could not be read. Its contents are unknown, which is not the same
   * as empty.
   */
  isUnreadable(transactionalId: string): boolean {
    return this.#topic.damageOf(transactionalId) !== undefined;
  }

  /**
   * Returns the last transaction of every id. Leaves out ids whose partition could not be read to
   * its end, since an earlier state could end the wrong transaction.
   */
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

  /**
   * A record that was not written by this coordinator must not keep the broker from starting. It is
   * logged and skipped.
   */
  #understand({ key, value, offset }: StoredRecord) {
    try {
      const record = key === null ? undefined : readTransactionRecord(key, value);
      if (record === undefined)
        this.#logger.warn({ offset }, 'skipped a record of an unknown kind in __transaction_state');
      return record;
    } catch (error) {
      this.#logger.error({ offset, err: error }, 'skipped an unreadable record in __transaction_state');
      return undefined;
    }
  }
}
