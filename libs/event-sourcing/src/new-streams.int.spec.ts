import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import { transactionsSentDuring, type TestDatabase } from '@millrace/testing/postgres';
import { counter, counterOfRelease, decideCount, executeCount } from './counter.fixture.ts';
import { optimisticTransaction } from './decide-and-record.ts';
import { assumeNew, assumeNewAsWell } from './transaction-streams.ts';
import { newStream, openEventDatabase } from './postgres/event-database.fixture.ts';
import { lockStreams } from './postgres/lock-streams.ts';
import { postgresEventStore } from './postgres/postgres-event-store.ts';
import { loadState } from './state.ts';

describe('a stream that is assumed to be new', () => {
  const store = postgresEventStore();
  let database: TestDatabase;

  beforeAll(async () => void (database = await openEventDatabase()));
  afterAll(() => database.drop());

  const decide = (transaction: SqlTransaction, stream: string, by: number) =>
    decideCount(transaction, { store, stream, command: { type: 'Count', by } });
  const count = (stream: string, by: number) =>
    executeCount(database.sql, { store, stream, command: { type: 'Count', by } });
  const stateOf = (stream: string) => loadState(database.sql, store, counter, stream);

  it.each([counter, counterOfRelease(1)])('is not read before it is written', async (decider) => {
    const stream = newStream();
    const sent = await transactionsSentDuring(() =>
      optimisticTransaction(database.sql, [stream], async (transaction) => {
        assumeNew(transaction, stream);
        expect(await loadState(transaction, store, decider, stream)).toEqual({
          state: { total: 0 },
          version: 0n,
        });
        await decide(transaction, stream, 2);
        expect(await loadState(transaction, store, decider, stream)).toEqual({
          state: { total: 2 },
          version: 1n,
        });
      }),
    );

    expect(sent.map(({ statements }) => statements.length)).toEqual([3]);
    expect(await stateOf(stream)).toEqual({ state: { total: 2 }, version: 1n });
  });

  it('is read by a second transaction if it exists', async () => {
    const stream = newStream();
    await count(stream, 2);
    const totals: number[] = [];
    await optimisticTransaction(database.sql, [stream], async (transaction) => {
      assumeNew(transaction, stream);
      totals.push((await loadState(transaction, store, counter, stream)).state.total);
      await decide(transaction, stream, 3);
    });

    expect(totals).toEqual([0, 2]);
    expect(await stateOf(stream)).toEqual({ state: { total: 5 }, version: 2n });
  });

  it('is not overwritten if it comes into being in the meantime', async () => {
    const stream = newStream();
    const attempt = database.sql.transaction(async (transaction) => {
      assumeNew(transaction, stream);
      await count(stream, 2);
      await decide(transaction, stream, 3);
    });

    await expect(attempt).rejects.toMatchObject({ code: 'wrong_expected_version' });
    expect(await stateOf(stream)).toEqual({ state: { total: 2 }, version: 1n });
  });

  it('keeps what the transaction knows of it', async () => {
    const stream = newStream();
    await count(stream, 2);
    await database.sql.transaction(async (transaction) => {
      await lockStreams(transaction, [stream]);
      assumeNew(transaction, stream);
      await decide(transaction, stream, 3);
    });

    expect(await stateOf(stream)).toEqual({ state: { total: 5 }, version: 2n });
  });

  it('lets a companion be new as well, which is otherwise read', async () => {
    const stream = newStream();
    const companion = newStream();
    await count(companion, 2);
    const totalOf = async (transaction: SqlTransaction) =>
      (await loadState(transaction, store, counter, companion)).state.total;
    await database.sql.transaction(async (transaction) => {
      assumeNewAsWell(transaction, companion);
      expect(await totalOf(transaction)).toBe(2);
    });
    await database.sql.transaction(async (transaction) => {
      assumeNew(transaction, stream);
      assumeNewAsWell(transaction, companion);
      expect(await totalOf(transaction)).toBe(0);
    });
  });
});
