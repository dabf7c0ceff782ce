import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestDatabase } from '@millrace/testing/postgres';
import type { DomainEvent } from './decider.ts';
import { appendOptions, newStream, openEventDatabase } from './postgres/event-database.fixture.ts';
import { postgresEventStore } from './postgres/postgres-event-store.ts';
import { loadShownState } from './shown-state.ts';
import { loadState } from './state.ts';

interface Letter {
  readonly to: string;
  readonly sentences: readonly string[];
  readonly read: ReadonlyMap<string, bigint>;
}

/** Copies personal values to places with other names. */
const letter = {
  initialState: { to: '', sentences: [], read: new Map() } as Letter,
  evolve({ read }: Letter, { personal }: DomainEvent): Letter {
    const { street, lines } = personal as { street: string; lines: { text: string }[] };
    const to = `to ${street.trim()}`;
    return { to, sentences: lines.map(({ text }) => text), read: new Map([...read, ['times', 1n]]) };
  },
};

describe('Z07 a state that is shown', () => {
  const store = postgresEventStore({ snapshots: { everyEvents: 1 } });
  let database: TestDatabase;
  beforeAll(async () => void (database = await openEventDatabase()));
  afterAll(() => database.drop());

  const write = (stream: string, count: number) => {
    const personal = { street: 'Secret Mill Lane', lines: [{ text: 'Dear Ada' }, { text: 'goodbye' }] };
    const events = Array.from({ length: count }, () => ({ type: 'Written', personal }));
    return database.sql.transaction((transaction) =>
      store.append(transaction, [{ stream, expected: 'any', events }], appendOptions()),
    );
  };

  it('has no personal value, wherever the domain puts it, and is JSON', async () => {
    const stream = newStream();
    await write(stream, 1);
    expect(await loadShownState(database.sql, store, letter, stream)).toEqual({
      version: 1n,
      state: { to: 'to [personal]', sentences: ['[personal]', '[personal]'], read: { times: '1' } },
    });
  });

  it('tells that a personal part was erased', async () => {
    const stream = newStream();
    const events = [{ type: 'Written', personal: { erased: true as const } }];
    await database.sql.transaction((transaction) =>
      store.append(transaction, [{ stream, expected: 'none', events }], appendOptions()),
    );

    const last = { initialState: undefined, evolve: (_: unknown, event: DomainEvent) => event };
    expect((await loadShownState(database.sql, store, last, stream)).state).toEqual(events[0]);
  });

  it('neither reads nor becomes a state that the process keeps for commands', async () => {
    const stream = newStream();
    await write(stream, 100);
    const { state } = await loadState(database.sql, store, letter, stream);
    expect(JSON.stringify((await loadShownState(database.sql, store, letter, stream)).state)).not.toMatch(
      /Mill|Ada/,
    );
    expect((await loadState(database.sql, store, letter, stream)).state).toEqual(state);
  });
});
