import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '@millrace/testing/postgres';
import { appendOptions, openEventDatabase } from './event-database.fixture.ts';
import { LIST_STREAMS, listStreams } from './list-streams.ts';
import { lockStreams } from './lock-streams.ts';
import { postgresEventStore } from './postgres-event-store.ts';

describe('the list of streams', () => {
  const store = postgresEventStore();
  let database: TestDatabase;
  beforeAll(async () => void (database = await openEventDatabase()));
  afterAll(() => database.drop());

  const append = (stream: string, now: Date) =>
    database.sql.transaction((transaction) =>
      store.append(
        transaction,
        [{ stream, expected: 'any', events: [{ type: 'Counted' }] }],
        appendOptions(now),
      ),
    );
  const names = async (prefix: string, after?: string, limit = 100) =>
    (await listStreams(database.sql, { prefix, after, limit })).map(({ stream }) => stream);

  it('has the streams with a prefix and version and time of their last events, in order, in pages', async () => {
    const first = new Date('2026-03-01T00:00:00Z');
    const second = new Date('2026-03-02T00:00:00Z');
    for (const stream of ['order-2', 'order-1', 'order', 'order.1', 'Order-1', 'orders-1'])
      await append(stream, first);
    await append('order-2', second);

    expect(await listStreams(database.sql, { prefix: 'order-', limit: 10 })).toEqual([
      { stream: 'order-1', version: 1n, updatedAt: first },
      { stream: 'order-2', version: 2n, updatedAt: second },
    ]);
    expect(await names('order-', undefined, 1)).toEqual(['order-1']);
    expect(await names('order-', 'order-1')).toEqual(['order-2']);
    expect(await names('order-', 'order-2')).toEqual([]);
    expect(await names('')).toEqual(['Order-1', 'order', 'order-1', 'order-2', 'order.1', 'orders-1']);
  });

  it('leaves out streams that were locked and never written', async () => {
    await database.sql.transaction((transaction) => lockStreams(transaction, ['locked-1']));
    expect(await names('locked-')).toEqual([]);
  });

  it.each(['ä', '\u{d7ff}', '\u{ffff}', '😀', '\u{10ffff}'])('ends after the prefix %j', async (prefix) => {
    const streams = [prefix, `${prefix}-1`, `${prefix}\u{10ffff}x`];
    for (const stream of streams) await append(stream, new Date());
    expect(await names(prefix)).toEqual(streams);
  });

  it('finds the streams by an index in a long table', async () => {
    await database.sql.query(
      `INSERT INTO stream (id, version) SELECT 'cart-' || number, 1 FROM generate_series(1, 50000) AS number`,
    );
    await database.sql.query('ANALYZE stream');
    const values = [`'order-'`, `''`, `'order.'`, '100'];
    const { rows } = await database.sql.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN ${values.reduce((text, value, index) => text.replaceAll(`$${index + 1}::`, `${value}::`), LIST_STREAMS)}`,
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toMatch(/Index Scan using stream_pkey on stream .*\n.*Index Cond: .*'order-'.*'order\.'/);
    expect(plan).toMatch(/Index Scan using event_stream_version_key on event/);
  });
});
