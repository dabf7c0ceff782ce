import {
  type Producer,
  type RecordMetadata,
  ClientError,
  type TransactionalProducer,
} from '../../client/index.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import type { Delivery, RelayLease } from './relay-lease.ts';
import type { RelayTransactions } from './relay-transactions.ts';
import { OutboxError, toProducerRecord, type StoredOutboxRow } from './outbox-row.ts';
import { reportSending } from './send-trace.ts';
import { type PublishedMark, refuseOlderDatabase } from './published-marks.ts';

/** Publishes rows under a lease. After a failure of the log, the relay repeats the failed call. */
export interface Publisher {
  /** Prepares to publish under a new lease. May move the cursor, so call it before reading rows. */
  begin(lease: RelayLease): Promise<void>;
  /**
   * Sends the rows that have not been published, and resolves to their places on the log once they
   * are there. The caller then moves the cursor.
   */
  send(lease: RelayLease, rows: readonly StoredOutboxRow[]): Promise<readonly RecordMetadata[]>;
}

interface TakeOverOptions {
  readonly name: string;
  readonly database: SqlDatabase;
  readonly transactions: RelayTransactions;
}

/**
 * Fences every earlier producer of the relay, and moves the cursor in the database to the one on
 * the log if that is further. The cursor on the log counts only for the database that wrote it. A
 * cursor in the database that is further is right as well: it moves only over published rows.
 *
 * Rejects with `cursor_refused` if the database is older than the log, and with `lease_lost` if
 * another relay has taken the lease. Two relays would otherwise fence each other in turn.
 */
async function takeOverLog(
  { name, database, transactions }: TakeOverOptions,
  lease: RelayLease,
): Promise<TransactionalProducer> {
  const { producer, cursor } = await transactions.takeOver();
  const ours = cursor?.storeId === lease.storeId ? cursor : undefined;
  await refuseOlderDatabase(database, { name, position: lease.position }, ours);
  const further = ours !== undefined && ours.position > lease.position;
  await lease.advance(further ? ours.position : lease.position);
  return producer;
}

interface ExactlyOnceOptions {
  readonly name: string;
  readonly database: SqlDatabase;
  readonly transactions: RelayTransactions;
}

/**
 * Publishes each batch in a transaction that also writes the cursor to the log. A producer is used
 * until its first failure. Its successor fences it and reads which of the rows were published.
 */
class ExactlyOncePublisher implements Publisher {
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

interface AtLeastOnceOptions {
  readonly name: string;
  readonly database: SqlDatabase;
  readonly producer: Producer;
  /** Needed once, if the outbox was published exactly once before. */
  readonly transactions?: RelayTransactions;
}

/** Publishes with an idempotent producer. The cursor in the database follows. */
class AtLeastOncePublisher implements Publisher {
  readonly #options: AtLeastOnceOptions;

  constructor(options: AtLeastOnceOptions) {
    this.#options = options;
  }

  /**
   * After exactly-once delivery, continues at the cursor on the log and fences the producer that
   * wrote it, which may only be paused.
   */
  async begin(lease: RelayLease): Promise<void> {
    if (lease.delivery === 'at-least-once') return;
    const { database, name, transactions } = this.#options;
    if (transactions === undefined)
      throw new OutboxError(
        'cursor_refused',
        `relay "${name}" has published exactly once, so its cursor is on the log: ` +
          'give this relay the option `transactions`, with which it reads that cursor',
      );
    await takeOverLog({ database, name, transactions }, lease);
    await lease.declare('at-least-once');
  }

  send(_lease: RelayLease, rows: readonly StoredOutboxRow[]): Promise<readonly RecordMetadata[]> {
    const { name, producer } = this.#options;
    return reportSending(name, producer, rows.map(toProducerRecord));
  }
}

export interface DeliveryOptions {
  /** How often a row may appear on the log. The default is `at-least-once`. */
  readonly delivery?: Delivery;
  /**
   * The transactions for `exactly-once`. A relay that goes back to `at-least-once` needs them too,
   * to read the cursor on the log once more.
   */
  readonly transactions?: RelayTransactions;
}

interface PublisherOptions extends DeliveryOptions {
  readonly name: string;
  readonly database: SqlDatabase;
  readonly producer: Producer;
}

export function createPublisher({ delivery, transactions, ...options }: PublisherOptions): Publisher {
  if (delivery !== 'exactly-once') return new AtLeastOncePublisher({ ...options, transactions });
  if (transactions !== undefined) return new ExactlyOncePublisher({ ...options, transactions });
  throw new Error('a relay with the delivery exactly-once needs the option transactions');
}
