import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Queryable } from '@millrace/streaming-core/postgres';
import type { TestDatabase } from '@millrace/testing/postgres';
import { counter, counterOfRelease, executeCount, type CounterEvent } from './counter.fixture.ts';
import { appendOptions, newStream, openEventDatabase } from './postgres/event-database.fixture.ts';
import { lockMoreStreams } from './postgres/lock-streams.ts';
import { postgresEventStore } from './postgres/postgres-event-store.ts';
import { loadState } from './state.ts';

const counted = (by: number): CounterEvent => ({ type: 'Counted', by });

describe('the kept state of a long stream', () => {
  const ours = postgresEventStore({ limits: { versionMin: 10n, statesMax: 2 } });
  const others = postgresEventStore();
  let database: TestDatabase;

  beforeAll(async () => void (database = await openEventDatabase()));
  afterAll(() => database.drop());

  const count = (stream: string, by: number, store = others) =>
    executeCount(database.sql, { store, stream, command: { type: 'Count', by } });
  const longStream = async () => {
    const stream = newStream();
    const events = Array.from({ length: 20 }, () => counted(1));
    await database.sql.transaction((transaction) =>
      others.append(transaction, [{ stream, expected: 'none', events }], appendOptions()),
    );
    return stream;
  };

  /** Loads the stream, and counts the events that were read for it. */
  async function load(stream: string) {
    let events = 0;
    const counting: Queryable = {
      async query(text, values) {
        const result = await database.sql.query(text, values);
        events += result.rowCount;
        return result as never;
      },
    };
    return { ...(await loadState(counting, ours, counter, stream)), events };
  }

  it('saves reading the events that it includes, and misses none that other processes have written since', async () => {
    const stream = await longStream();
    expect(await load(stream)).toEqual({ state: { total: 20 }, version: 20n, events: 20 });
    await count(stream, 5);

    expect(await load(stream)).toEqual({ state: { total: 25 }, version: 21n, events: 1 });
    expect(await load(stream)).toEqual({ state: { total: 25 }, version: 21n, events: 0 });
  });

  it('never includes events that a transaction wrote and rolled back', async () => {
    const stream = await longStream();
    const failed = database.sql.transaction(async (transaction) => {
      await ours.append(transaction, [{ stream, expected: 'any', events: [counted(100)] }], appendOptions());
      expect((await loadState(transaction, ours, counter, stream)).state).toEqual({ total: 120 });
      throw new Error('changed its mind');
    });
    await expect(failed).rejects.toThrow('changed its mind');
    await count(stream, 1);

    expect(await load(stream)).toMatchObject({ state: { total: 21 }, version: 21n });
  });

  it('is not used for the state at a past version', async () => {
    const stream = await longStream();
    await load(stream);

    expect(await loadState(database.sql, ours, counter, stream, { toVersion: 3n })).toEqual({
      state: { total: 3 },
      version: 3n,
    });
  });

  it('is dropped when the cache is full, the least recently used first', async () => {
    const first = await longStream();
    const second = await longStream();
    const third = await longStream();
    for (const stream of [first, second, first, third]) await load(stream);

    expect((await load(first)).events).toBe(0);
    expect((await load(second)).events).toBe(20);
  });

  it('is not kept of personal data, which would outlive an erasure, unless a schema keeps these out', async () => {
    const stream = await longStream();
    const named = { ...counted(1), personal: { name: 'Ada' } };
    await database.sql.transaction(async (transaction) => {
      await others.append(transaction, [{ stream, expected: 'any', events: [named] }], appendOptions());
    });
    await database.sql.transaction(async (transaction) => {
      await loadState(transaction, ours, counter, stream);
      await lockMoreStreams(transaction, [stream]);
      for (const _ of [1, 2]) await loadState(transaction, ours, counter, stream);
    });
    const schematic = counterOfRelease(1);
    await loadState(database.sql, ours, schematic, stream);

    expect((await load(stream)).events).toBe(21);
    expect(ours.states.find(counter, stream)).toBeUndefined();
    expect(ours.states.find(schematic, stream)?.version).toBe(21n);
  });

  it('is not kept for a short stream', async () => {
    const stream = newStream();
    await count(stream, 1);
    await load(stream);

    expect((await load(stream)).events).toBe(1);
  });
});
