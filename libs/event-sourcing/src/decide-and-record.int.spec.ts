import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '@millrace/testing/postgres';
import { counter, decideCount, executeCount } from './counter.fixture.ts';
import { isRejected } from './decider.ts';
import { appendOptions, newStream, openEventDatabase } from './postgres/event-database.fixture.ts';
import { lockStreams } from './postgres/lock-streams.ts';
import { postgresEventStore } from './postgres/postgres-event-store.ts';
import { loadState } from './state.ts';

describe('a command for one stream', () => {
  const store = postgresEventStore();
  let database: TestDatabase;

  beforeAll(async () => void (database = await openEventDatabase()));
  afterAll(() => database.drop());

  const count = (stream: string, by: number, now?: Date) =>
    executeCount(database.sql, { store, stream, command: { type: 'Count', by }, now });
  const stateOf = (stream: string, asOf = {}) => loadState(database.sql, store, counter, stream, asOf);

  it('returns the state, the version and the events that it recorded', async () => {
    const stream = newStream();
    await count(stream, 2);
    const decided = await count(stream, 3);

    expect(decided).toMatchObject({
      state: { total: 5 },
      version: 2n,
      events: [{ version: 2n, event: { type: 'Counted', by: 3 } }],
    });
    expect(await stateOf(stream)).toEqual({ state: { total: 5 }, version: 2n });
  });

  it('E08 writes nothing when it is rejected, and returns the reason', async () => {
    const stream = newStream();
    const outcome = await count(stream, -1);

    expect(isRejected(outcome) && outcome).toEqual({ rejected: 'negative_total', details: { total: 0 } });
    expect(await stateOf(stream)).toMatchObject({ version: 0n });
  });

  it('writes nothing when there is nothing to do', async () => {
    const stream = newStream();
    await count(stream, 2);

    const outcome = await executeCount(database.sql, { store, stream, command: { type: 'Rest' } });
    expect(outcome).toEqual({ state: { total: 2 }, version: 1n, events: [] });
  });

  it('is decided once for each of many concurrent callers, and no decision is lost', async () => {
    const stream = newStream();
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => count(stream, 1)));

    expect(outcomes.filter(isRejected)).toEqual([]);
    expect(await stateOf(stream)).toEqual({ state: { total: 40 }, version: 40n });
  });

  it('runs in the transaction of a batch that has locked its stream', async () => {
    const stream = newStream();
    await database.sql.transaction(async (transaction) => {
      await lockStreams(transaction, [stream]);
      for (const by of [1, 2])
        await decideCount(transaction, { store, stream, command: { type: 'Count', by } });
    });

    expect(await stateOf(stream)).toEqual({ state: { total: 3 }, version: 2n });
  });

  it('E06 leaves a state that can be loaded as of any version and any moment', async () => {
    const stream = newStream();
    const at = (minute: number) => new Date(Date.UTC(2026, 2, 1, 0, minute));
    for (const minute of [1, 2, 3]) await count(stream, minute, at(minute));

    expect(await stateOf(stream, { toVersion: 2n })).toEqual({ state: { total: 3 }, version: 2n });
    expect(await stateOf(stream, { at: at(1) })).toEqual({ state: { total: 1 }, version: 1n });
    expect(await stateOf(stream, { at: at(0) })).toEqual({ state: { total: 0 }, version: 0n });
    expect(await stateOf(stream, { toVersion: 9n })).toEqual({ state: { total: 6 }, version: 3n });
  });

  it('folds a stream that is longer than a page', async () => {
    const stream = newStream();
    const events = Array.from({ length: 2_500 }, () => ({ type: 'Counted', by: 1 }));
    await database.sql.transaction((transaction) =>
      store.append(transaction, [{ stream, expected: 'none', events }], appendOptions()),
    );

    expect(await stateOf(stream)).toEqual({ state: { total: 2_500 }, version: 2_500n });
  });
});
