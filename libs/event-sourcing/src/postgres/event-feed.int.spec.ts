import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { withTransactionsElsewhere, type TestDatabase } from '@millrace/testing/postgres';
import { scannedEventsMax } from '../limits.ts';
import { appendOptions, newStream, openEventDatabase } from './event-database.fixture.ts';
import { createEventFeed, type EventFeed, type FeedPage, type FeedQuery } from './event-feed.ts';
import { postgresEventStore } from './postgres-event-store.ts';

describe('the feed of events', () => {
  const store = postgresEventStore();
  let database: TestDatabase;
  let feed: EventFeed;
  beforeEach(async () => {
    database = await openEventDatabase();
    feed = createEventFeed({ database: database.sql, store });
  });
  afterEach(() => database.drop());

  const appendIn = (transaction: SqlTransaction, stream: string, types: readonly string[]) =>
    store.append(
      transaction,
      [{ stream, expected: 'any', events: types.map((type) => ({ type })) }],
      appendOptions(),
    );
  const append = (stream: string, ...types: readonly string[]) =>
    database.sql.transaction((transaction) => appendIn(transaction, stream, types));
  const rolledBack = (stream: string) =>
    database.sql
      .transaction(async (transaction) => {
        await appendIn(transaction, stream, ['Lost']);
        throw new Error('rolled back');
      })
      .catch(() => undefined);
  const typesOf = ({ items }: FeedPage) => items.map(({ recorded }) => recorded.event.type);
  const read = (query: Partial<FeedQuery> = {}) => feed.read({ after: 0n, limit: 100, ...query });

  it('pages through all streams in the order of positions', async () => {
    const stream = newStream();
    await append(stream, 'One', 'Two');
    await append(newStream(), 'Three');
    await append(stream, 'Four');

    const first = await read({ limit: 3 });
    expect(typesOf(first)).toEqual(['One', 'Two', 'Three']);
    expect(first.caughtUp).toBe(false);
    expect(first.items.map(({ position }) => position)).toEqual([1n, 2n, 3n]);
    const second = await read({ after: first.position });
    expect(typesOf(second)).toEqual(['Four']);
    expect(second).toMatchObject({ position: 4n, caughtUp: true });
    expect(await read({ after: second.position })).toEqual({ items: [], position: 4n, caughtUp: true });
  });

  it('gives the events of a type or a stream', async () => {
    const stream = newStream();
    await append(stream, 'One', 'Two');
    await append(newStream(), 'One', 'Two', 'Two');

    expect(typesOf(await read({ type: 'Two' }))).toEqual(['Two', 'Two', 'Two']);
    expect(typesOf(await read({ stream }))).toEqual(['One', 'Two']);
    expect(await read({ stream, type: 'Two', limit: 1 })).toMatchObject({ items: [{ position: 2n }] });
    expect(await read({ stream: 'nobody' })).toEqual({ items: [], position: 5n, caughtUp: true });
  });

  it('ends a search that matches little after a number of events, and goes on from there', async () => {
    const many = Array.from({ length: scannedEventsMax / 2 }, () => 'Unheard');
    await append(newStream(), ...many);
    await append(newStream(), ...many);
    await append(newStream(), 'Heard');

    const first = await read({ type: 'Heard' });
    expect(first).toEqual({ items: [], position: BigInt(scannedEventsMax), caughtUp: false });
    expect(typesOf(await read({ type: 'Heard', after: first.position }))).toEqual(['Heard']);
  });

  it('waits for a transaction that commits late, also where its event does not match, and skips nothing', async () => {
    const late = newStream();
    await append(newStream(), 'Before');
    await database.sql.transaction(async (transaction) => {
      await appendIn(transaction, late, ['Late']);
      await append(newStream(), 'Quick');
      for (const type of [undefined, 'Quick'])
        expect(await read({ after: 1n, type })).toEqual({ items: [], position: 1n, caughtUp: true });
      expect(await feed.end()).toBe(1n);
    });

    expect(typesOf(await read({ after: 1n }))).toEqual(['Late', 'Quick']);
    expect(await feed.end()).toBe(3n);
  });

  it('passes the positions of a rollback, also while another database has an open transaction', async () => {
    await rolledBack(newStream());
    await append(newStream(), 'One');
    await rolledBack(newStream());
    await append(newStream(), 'Two');

    await withTransactionsElsewhere(async () => {
      expect(typesOf(await read())).toEqual(['One', 'Two']);
      expect(await feed.end()).toBe(4n);
    });
  });

  it('passes an old rollback while newer transactions come and go', async () => {
    await rolledBack(newStream());
    await append(newStream(), 'One');
    await database.sql.transaction(async (older) => {
      await appendIn(older, newStream(), ['Older']);
      expect((await read()).items).toEqual([]); // takes the fence
    });
    await database.sql.transaction(async (newer) => {
      await newer.query('SELECT pg_current_xact_id()');
      expect(typesOf(await read())).toEqual(['One', 'Older']);
    });
  });

  it('begins at the end with what is recorded later', async () => {
    expect(await feed.end()).toBe(0n);
    await append(newStream(), 'Before');
    const end = await feed.end();
    await append(newStream(), 'After');

    expect(typesOf(await read({ after: end }))).toEqual(['After']);
  });
});
