import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { TestDatabase } from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import type { ExpectedVersion } from '../event-store.ts';
import { appendOptions, newStream, openEventDatabase } from './event-database.fixture.ts';
import { postgresEventStore } from './postgres-event-store.ts';

describe('an append that takes effect once', () => {
  const store = postgresEventStore();
  let database: TestDatabase;
  beforeAll(async () => void (database = await openEventDatabase()));
  afterAll(() => database.drop());

  const appendIn = (
    transaction: SqlTransaction,
    streams: readonly string[],
    commandId: string,
    expected: ExpectedVersion = 'any',
  ) =>
    store.append(
      transaction,
      streams.map((stream) => ({ stream, expected, events: [{ type: 'Counted' }] })),
      { ...appendOptions(), once: true, metadata: { correlationId: 'story', causationId: commandId } },
    );
  const append = (streams: readonly string[], commandId: string, expected?: ExpectedVersion) =>
    database.sql.transaction((transaction) => appendIn(transaction, streams, commandId, expected));
  const stored = async (stream: string) => (await store.read(database.sql, stream)).length;

  it('E26 returns its first result when it is repeated, even after later events', async () => {
    const streams = [newStream(), newStream()];
    const command = randomUUID();
    const first = await append(streams, command, 'none');
    await append(streams, randomUUID());

    expect(await append(streams, command, 'none')).toEqual(first);
    expect(await append([...streams].reverse(), command)).toEqual([...first].reverse());
    expect(await stored(streams[0]!)).toBe(2);
  });

  it('E26 is written by exactly one of several callers, and all get its result', async () => {
    const stream = newStream();
    const command = randomUUID();
    const waiting = within(10_000)(async () => {
      const { rows } = await database.sql.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows.length === 5;
    });
    const { first, others } = await database.sql.transaction(async (transaction) => {
      const written = await appendIn(transaction, [stream], command, 'none');
      const later = Array.from({ length: 5 }, () => append([stream], command, 'none'));
      await waiting;
      return { first: written, others: later };
    });

    for (const other of others) expect(await other).toEqual(first);
    expect(await stored(stream)).toBe(1);
  });

  it('is written when the first attempt was rolled back', async () => {
    const stream = newStream();
    const command = randomUUID();
    const failed = database.sql.transaction(async (transaction) => {
      await appendIn(transaction, [stream], command);
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');

    expect(await append([stream], command)).toMatchObject([{ version: 1n }]);
  });

  it('finds its events in the transaction that has appended them', async () => {
    const stream = newStream();
    const command = randomUUID();
    const twice = database.sql.transaction(async (transaction) => ({
      first: await appendIn(transaction, [stream], command),
      second: await appendIn(transaction, [stream], command),
    }));
    const { first, second } = await twice;

    expect(second).toEqual(first);
    expect(await stored(stream)).toBe(1);
  });

  it('keeps who asked for it in the metadata of its events', async () => {
    const stream = newStream();
    const metadata = { correlationId: 'story', causationId: randomUUID(), actor: 'operator-7' };
    const appends = [{ stream, expected: 'none' as const, events: [{ type: 'Counted' }] }];
    await database.sql.transaction((transaction) =>
      store.append(transaction, appends, { ...appendOptions(), metadata }),
    );

    expect(await store.read(database.sql, stream)).toMatchObject([{ metadata }]);
  });

  it('finds its events in a stream that is too long to be loaded with its lock', async () => {
    const stream = newStream();
    const command = randomUUID();
    const first = await append([stream], command);
    const many = Array.from({ length: 300 }, () => ({ type: 'Counted' }));
    await database.sql.transaction((transaction) =>
      store.append(transaction, [{ stream, expected: 'any', events: many }], appendOptions()),
    );

    expect(await append([stream], command)).toEqual(first);
  });
});
