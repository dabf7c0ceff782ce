import {
  ClientError,
  type Producer,
  type RecordMetadata,
  type TransactionalProducer,
} from '../../client/index.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { takeOverLog } from './cursor-on-log.ts';
import type { Publisher } from './publisher.ts';
import { OutboxError } from './outbox-error.ts';
import type { PublishedMark } from './published-mark.ts';
import type { RelayLease } from './relay-lease.ts';
import { toProducerRecord, type StoredOutboxRow } from './relay-record.ts';
import type { RelayTransactions } from './relay-transactions.ts';
import { reportSending } from './send-trace.ts';

export interface ExactlyOnceOptions {
  readonly name: string;
  readonly database: SqlDatabase;
  readonly transactions: RelayTransactions;
}

/**
 * Publishes each batch in a transaction that also writes the cursor to the log. A producer is used
 * until its first failure. Its successor fences it and reads which of the rows were published.
 */
export class ExactlyOncePublisher implements Publisher {
  readonly #options: ExactlyOnceOptions;
  #producer: TransactionalProducer | undefined;

  constructor(options: ExactlyOnceOptions) {
    this.#options = options;
  }

  async begin(lease: RelayLease): Promise<void> {
    this.#producer = undefined;
    // On disk before the first transaction, so that a relay that switches back reads the log.
    if (lease.delivery !== 'exactly-once') await lease.declare('exactly-once');
    this.#producer = await takeOverLog(this.#options, lease);
  }

  async send(lease: RelayLease, rows: readonly StoredOutboxRow[]): Promise<readonly RecordMetadata[]> {
    try {
      if (this.#producer === undefined) await this.begin(lease);
      return await this.#publish(lease, rows);
    } catch (error) {
      this.#producer = undefined;
      if (!(error instanceof ClientError) || error.kind !== 'fenced') throw error;
      throw new OutboxError(
        'lease_lost',
        `the producer of relay "${this.#options.name}" is fenced, so the relay gives its lease up ` +
          'and competes for it again',
        { cause: error },
      );
    }
  }

  async #publish(lease: RelayLease, rows: readonly StoredOutboxRow[]): Promise<readonly RecordMetadata[]> {
    const { name, transactions } = this.#options;
    const unpublished = rows.filter(({ position }) => BigInt(position) > lease.position);
    const last = unpublished.at(-1);
    const producer = this.#producer;
    if (last === undefined || producer === undefined) return [];
    const cursor: PublishedMark = {
      storeId: lease.storeId,
      position: BigInt(last.position),
      messageId: last.id,
    };
    const inTransaction: Pick<Producer, 'send'> = {
      send: (records) =>
        producer.transaction(async (transaction) => {
          const placed = await transaction.send([...records, transactions.recordOf(cursor)]);
          return placed.slice(0, records.length);
        }),
    };
    return reportSending(name, inTransaction, unpublished.map(toProducerRecord));
  }
}
