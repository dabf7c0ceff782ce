import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { within } from '@millrace/testing/within';
import type { Producer, ProducerRecord } from '../../client/index.ts';
import { migrate, streamingCoreMigrations, type SqlDatabase } from '../../postgres/index.ts';
import { appendToOutbox, type OutboxMessage } from './append.ts';
import { createRelay, type Relay } from './relay.ts';
import type { RelayOptions } from './relay-loop.ts';

/** A log in memory. `before` runs before each send and may reject or delay it. */
export class MemoryLog implements Producer {
  readonly records: ProducerRecord[] = [];
  readonly batchSizes: number[] = [];
  before: (records: readonly ProducerRecord[]) => Promise<void> = async () => undefined;

  async send(records: readonly ProducerRecord[]) {
    await this.before(records);
    this.batchSizes.push(records.length);
    this.records.push(...records);
    return records.map(({ topic }, index) => ({ topic, partition: 0, offset: BigInt(index) }));
  }

  readonly close = async () => undefined;

  get numbers(): number[] {
    return this.records.map(({ value }) => (JSON.parse(String(value ?? '{}')) as { number: number }).number);
  }
}

export const sample = (number: number, fields: Record<string, unknown> = {}): OutboxMessage => ({
  topic: 'notes',
  key: `k${number % 5}`,
  message: { type: 'Noted', number, ...fields },
  attributes: {
    id: v7(),
    source: '/millrace/test',
    type: 'Noted',
    time: '2026-11-20T09:00:00.000Z',
    subject: `k${number % 5}`,
    dataSchema: '/schemas/notes/Noted/1',
    correlationId: 'story',
    causationId: 'cause',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
});

export const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index);

export const until = within(20_000);

/**
 * A database whose outbox is empty when a test begins, a log in memory, and relays that are stopped
 * after the test.
 */
export function relayBench() {
  const bench = { database: undefined as unknown as TestDatabase, log: new MemoryLog() };
  const relays: Relay[] = [];

  function relay(options: Partial<RelayOptions> = {}): Relay {
    const made = createRelay({ database: bench.database.sql, producer: bench.log, holder: v7(), ...options });
    relays.push(made);
    return made;
  }
  const append = (...numbers: number[]) =>
    bench.database.sql.transaction((transaction) =>
      appendToOutbox(
        transaction,
        numbers.map((number) => sample(number)),
      ),
    );

  /** The database, with one statement that fails while `broken()` is true. */
  const failing = (statement: string, broken: () => boolean): SqlDatabase => ({
    transaction: (work) => bench.database.sql.transaction(work),
    query: async (text, values) => {
      if (text === statement && broken()) throw new Error('connection lost');
      return bench.database.sql.query(text, values);
    },
  });

  beforeAll(async () => {
    bench.database = await createTestDatabase();
    await migrate(bench.database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  });
  beforeEach(async () => {
    bench.log = new MemoryLog();
    await bench.database.sql.query('TRUNCATE outbox');
    await bench.database.sql
      .query(`UPDATE relay_cursor SET incarnation = (SELECT id FROM store_incarnation), holder = NULL,
      lease_until = '-infinity', position = (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM outbox_position_sequence)`);
  });
  afterEach(async () => {
    await Promise.all(relays.splice(0).map((made) => made.stop()));
  });
  afterAll(() => bench.database.drop());
  return Object.assign(bench, { relay, append, failing });
}
