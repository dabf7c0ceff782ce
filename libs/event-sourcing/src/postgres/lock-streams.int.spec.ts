import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { playSchedule, refused, type TestDatabase, type Work } from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import { appendOptions, newStream, openEventDatabase } from './event-database.fixture.ts';
import { lockStreams } from './lock-streams.ts';
import { postgresEventStore } from './postgres-event-store.ts';

const append = (stream: string) => [{ stream, expected: 'none' as const, events: [{ type: 'Opened' }] }];

describe('the stream locks of a batch', () => {
  const store = postgresEventStore();
  let database: TestDatabase;

  beforeAll(async () => void (database = await openEventDatabase()));
  afterAll(() => database.drop());

  const isLocked = (stream: string) =>
    database.sql.query('SELECT id FROM stream WHERE id = $1 FOR UPDATE NOWAIT', [stream]).then(
      () => false,
      (error: unknown) => (error as { code?: string }).code === '55P03',
    );

  const waitForWaitingBackend = () => {
    const waiting =
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    return within(20_000)(
      async () => (await database.sql.query(waiting)).rowCount > 0,
      'a session that waits for a lock',
    );
  };

  it('hold existing streams until the transaction ends, and write no new version of their rows', async () => {
    const stream = newStream();
    await database.sql.transaction((transaction) =>
      store.append(transaction, append(stream), appendOptions()),
    );
    const place = () => database.sql.query('SELECT ctid, version FROM stream WHERE id = $1', [stream]);
    const before = await place();

    await database.sql.transaction(async (transaction) => {
      await lockStreams(transaction, [stream]);
      expect(await isLocked(stream)).toBe(true);
    });
    expect(await isLocked(stream)).toBe(false);
    expect(await place()).toEqual(before);
  });

  it('hold streams that do not exist yet, so a second writer waits for the first', async () => {
    const stream = newStream();
    let second: Promise<unknown> = Promise.resolve();
    await database.sql.transaction(async (transaction) => {
      await lockStreams(transaction, [stream]);
      second = database.sql.transaction((other) => store.append(other, append(stream), appendOptions()));
      second.catch(() => undefined);
      await waitForWaitingBackend();
      await store.append(transaction, append(stream), appendOptions());
    });

    await expect(second).rejects.toMatchObject({
      code: 'wrong_expected_version',
      expected: 'none',
      actual: 1n,
    });
  });

  it('P07 are taken in byte order, so a batch that waits for the first holds none of the others', async () => {
    const name = newStream();
    const first = `${name}-Z`;
    const second = `${name}-a`;
    const locks =
      (...streams: readonly string[]): Work =>
      (sql) =>
        sql.transaction((transaction) => lockStreams(transaction, streams));
    await playSchedule(database, [
      ['a', 'begins'],
      ['a', 'locks the first', locks(first)],
      ['b', 'begins'],
      ['b', 'locks both, the second first', locks(second, first), 'waits'],
      ['c', 'begins'],
      ['c', 'locks the second', locks(second)],
      ['c', 'commits'],
      ['a', 'commits'],
      ['b', 'goes on'],
      ['b', 'commits'],
    ]);
  });

  it('P07 are taken in the order in which appends take streams', async () => {
    const name = newStream();
    const first = `${name}-Z`;
    const second = `${name}-a`;
    const appends: Work = (sql) =>
      sql.transaction((transaction) =>
        store.append(transaction, [...append(second), ...append(first)], appendOptions()),
      );
    await playSchedule(database, [
      ['a', 'begins'],
      ['a', 'locks the first', (sql) => sql.transaction((transaction) => lockStreams(transaction, [first]))],
      ['b', 'begins'],
      ['b', 'appends to both, the second first', appends, 'waits'],
      [
        'c',
        'appends to the second',
        (sql) => sql.transaction((transaction) => store.append(transaction, append(second), appendOptions())),
      ],
      ['a', 'rolls back'],
      ['b', 'goes on', refused('wrong_expected_version')],
      ['b', 'rolls back'],
    ]);
  });

  it('accept a stream named twice in a batch', async () => {
    const stream = newStream();

    await database.sql.transaction((transaction) => lockStreams(transaction, [stream, stream]));
    expect(await store.read(database.sql, stream)).toEqual([]);
  });

  it('let a batch write only to the streams that it declared', async () => {
    const declared = newStream();
    const undeclared = newStream();

    await expect(
      database.sql.transaction(async (transaction) => {
        await lockStreams(transaction, [declared]);
        await store.append(transaction, append(declared), appendOptions());
        await store.append(transaction, append(undeclared), appendOptions());
      }),
    ).rejects.toMatchObject({ code: 'undeclared_stream', stream: undeclared });
    expect(await store.read(database.sql, declared)).toEqual([]);
  });

  it('are taken only once, since a second statement could take them in another order', async () => {
    const first = newStream();
    const second = newStream();

    await expect(
      database.sql.transaction(async (transaction) => {
        await lockStreams(transaction, [first]);
        await lockStreams(transaction, [first]);
        await lockStreams(transaction, [second]);
      }),
    ).rejects.toMatchObject({ code: 'undeclared_stream', stream: second });
  });

  it('let a batch that declared no streams write to none', async () => {
    await expect(
      database.sql.transaction(async (transaction) => {
        await lockStreams(transaction, []);
        await store.append(transaction, append(newStream()), appendOptions());
      }),
    ).rejects.toMatchObject({ code: 'undeclared_stream' });
  });
});
