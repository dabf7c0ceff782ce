import { appendToOutbox } from '@millrace/streaming-core/outbox';
import { pgDatabase, type SqlDatabase } from '@millrace/streaming-core/postgres';
import { seconds } from '@millrace/streaming-core/runtime';
import pg from 'pg';
import { v7 } from 'uuid';

export const topics = ['order-events', 'inventory-commands'] as const;
export const partitions = 3;

/** A row of the outbox, in the order in which rows are published. */
export interface PublishedRow {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
}

/**
 * Writes orders to the outbox without a pause, one transaction after the other. While the database
 * is down, it tries again.
 */
export class Orders {
  readonly database: SqlDatabase;
  readonly #pool: pg.Pool;
  readonly #random: () => number;
  #writing: Promise<void> | undefined;
  #stopped = false;

  constructor(databaseUrl: string, random: () => number) {
    this.#pool = new pg.Pool({ connectionString: databaseUrl, max: 4 });
    this.#pool.on('error', () => undefined); // the test kills the database
    this.database = pgDatabase(this.#pool);
    this.#random = random;
  }

  begin(): void {
    this.#writing = this.#write();
  }

  /** Resolves once the last transaction has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#writing;
  }

  /** Asks until the database answers. */
  async ask<Row extends object>(statement: string): Promise<readonly Row[]> {
    for (const limit = performance.now() + seconds(30); ;)
      try {
        return (await this.#pool.query<Row & pg.QueryResultRow>(statement)).rows;
      } catch (error) {
        if (performance.now() > limit) throw error;
        await pause(20);
      }
  }

  /** All rows that were committed, whether their writer learned of it or not. */
  committed(): Promise<readonly PublishedRow[]> {
    return this.ask<PublishedRow>('SELECT id, topic, key FROM outbox ORDER BY position');
  }

  async unpublished(): Promise<number> {
    const [row] = await this.ask<{ readonly count: number }>(
      'SELECT count(*)::integer AS count FROM outbox WHERE position > (SELECT position FROM relay_cursor)',
    );
    return row?.count ?? 0;
  }

  async position(): Promise<number> {
    const [row] = await this.ask<{ readonly position: string }>('SELECT position FROM relay_cursor');
    return Number(row?.position);
  }

  async holder(): Promise<string | null> {
    const [row] = await this.ask<{ readonly holder: string | null }>(
      'SELECT holder FROM relay_cursor WHERE lease_until > clock_timestamp()',
    );
    return row?.holder ?? null;
  }

  close(): Promise<void> {
    return this.#pool.end();
  }

  async #write(): Promise<void> {
    while (!this.#stopped) {
      const messages = Array.from({ length: 1 + this.#below(8) }, () => this.#message());
      await this.database
        .transaction((transaction) => appendToOutbox(transaction, messages))
        .catch(() => pause(20));
      await pause(1);
    }
  }

  #message() {
    const key = `order-${this.#below(12)}`;
    return {
      topic: topics[this.#below(topics.length)] ?? topics[0],
      key,
      message: { type: 'Noted', key },
      attributes: {
        id: v7(),
        source: '/millrace/order',
        type: 'Noted',
        time: '2026-11-20T09:00:00.000Z',
        subject: key,
        dataSchema: '/schemas/order-events/Noted/1',
        correlationId: 'story',
        causationId: 'cause',
      },
    };
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

const pause = (delayMs: number) => new Promise<void>((resolve) => setTimeout(resolve, delayMs));
