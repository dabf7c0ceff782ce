import type { Producer, RecordMetadata } from '../../client/index.ts';
import type { SqlDatabase } from '../../postgres/index.ts';
import { takeOverLog } from './cursor-on-log.ts';
import type { Publisher } from './publisher.ts';
import { OutboxError } from './outbox-error.ts';
import type { RelayLease } from './relay-lease.ts';
import { toProducerRecord, type StoredOutboxRow } from './relay-record.ts';
import type { RelayTransactions } from './relay-transactions.ts';
import { reportSending } from './send-trace.ts';

export interface AtLeastOnceOptions {
  readonly name: string;
  readonly database: SqlDatabase;
  readonly producer: Producer;
  /** Needed once, if the outbox was published exactly once before. */
  readonly transactions?: RelayTransactions;
}

/** Publishes with an idempotent producer. The cursor in the database follows. */
export class AtLeastOncePublisher implements Publisher {
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
