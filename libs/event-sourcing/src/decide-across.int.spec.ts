import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate, streamingCoreMigrations, type SqlTransaction } from '@millrace/streaming-core/postgres';
import { fakePersonalData } from '@millrace/testing/personal-data';
import type { TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { counter, executeCount, type CounterEvent } from './counter.fixture.ts';
import { decideAcross, optimisticTransaction } from './decide-and-record.ts';
import { rejected } from './decider.ts';
import type { EventMetadata } from './event-store.ts';
import { appendOptions, newStream, openEventDatabase } from './postgres/event-database.fixture.ts';
import { lockStreams } from './postgres/lock-streams.ts';
import { postgresEventStore } from './postgres/postgres-event-store.ts';
import type { EventInState } from './projection.ts';
import type { Recorder } from './recorder.ts';
import { loadState } from './state.ts';

const counted = (by: number): CounterEvent => ({ type: 'Counted', by });

describe('a decision over several streams', () => {
  const store = postgresEventStore();
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openEventDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  });
  afterAll(() => database.drop());

  const recording = (transaction: SqlTransaction, recorder: Recorder<string> = { store }) => ({
    transaction,
    recorder,
    ...appendOptions(),
  });
  const count = (stream: string, by: number) =>
    executeCount(database.sql, { store, stream, command: { type: 'Count', by } });
  const total = async (stream: string) => (await loadState(database.sql, store, counter, stream)).state.total;

  /** A till and two shelves. The shelves have ids from the domain. */
  function newShop() {
    const till = newStream('till');
    const shelves = new Map([
      ['lamp', newStream('shelf')],
      ['vase', newStream('shelf')],
    ]);
    return { till, shelves, streams: { till: [counter, till], shelf: [counter, shelves] } as const };
  }

  it('sees all states by name and id, and adds to each stream', async () => {
    const { till, shelves, streams } = newShop();
    await count(till, 5);
    await count(shelves.get('lamp')!, 2);

    const recorded = await database.sql.transaction((transaction) =>
      decideAcross(recording(transaction), streams, (states) => ({
        events: {
          till: [counted(states.shelf.get('lamp')!.total), counted(states.till.total)],
          shelf: new Map([['vase', [counted(9)]]]),
        },
      })),
    );

    expect(recorded.till).toMatchObject({ state: { total: 12 }, version: 3n, events: [{}, {}] });
    expect(recorded.shelf.get('lamp')).toEqual({ state: { total: 2 }, version: 1n, events: [] });
    expect(recorded.shelf.get('vase')).toMatchObject({ state: { total: 9 }, version: 1n, events: [{}] });
    expect(await total(shelves.get('vase')!)).toBe(9);
  });

  it('writes nothing when it is a rejection', async () => {
    const { till, streams } = newShop();
    const outcome = await database.sql.transaction((transaction) =>
      decideAcross(recording(transaction), streams, () => rejected('closed')),
    );

    expect(outcome).toEqual({ rejected: 'closed', details: {} });
    expect(await total(till)).toBe(0);
  });

  it.each(['till', 'lamp'])('fails if the %s has changed since it was loaded', async (changed) => {
    const { till, shelves, streams } = newShop();
    const overtaken = database.sql.transaction((transaction) =>
      transaction.unitOfWork(async () => {
        await decideAcross(recording(transaction), streams, () => ({ events: { till: [counted(1)] } }));
        await count(shelves.get(changed) ?? till, 3);
      }),
    );

    await expect(overtaken).rejects.toMatchObject({ code: 'wrong_expected_version', actual: 1n });
    expect(await total(till)).toBe(changed === 'till' ? 3 : 0);
  });

  it('needs no statement to load the streams that its batch has locked', async () => {
    const { till, shelves, streams } = newShop();
    const statements: string[] = [];
    await database.sql.transaction(async (inner) => {
      const transaction = inner.withQuery(
        (text, values) => (statements.push(text), inner.query(text, values)),
      );
      await lockStreams(transaction, [till, ...shelves.values()]);
      await decideAcross(recording(transaction), streams, () => ({ events: { till: [counted(1)] } }));
    });

    expect(statements).toHaveLength(2); // locks and events
  });

  it('publishes each event with the state that it led to and requests external calls, in one transaction', async () => {
    const { till, streams } = newShop();
    const published: EventInState[] = [];
    const recorder: Recorder<string> = {
      store,
      async publish(_, events) {
        published.push(...events);
        return [];
      },
      externalCall: (call) => ({ kind: call, key: till, payload: { till } }),
    };
    await database.sql.transaction((transaction) =>
      decideAcross(recording(transaction, recorder), streams, () => ({
        events: { till: [counted(2), counted(3)] },
        calls: ['ring'],
        answers: 'an earlier command',
      })),
    );

    expect(published.map(({ state }) => state)).toEqual([{ total: 2 }, { total: 5 }]);
    const story = { correlationId: 'story', causationId: 'an earlier command' };
    expect(published.map(({ recorded }) => recorded.metadata)).toEqual([story, story]);
    const { rows } = await database.sql.query(
      'SELECT kind, payload, metadata FROM external_call WHERE key = $1',
      [till],
    );
    expect(rows).toEqual([{ kind: 'ring', payload: { till }, metadata: story }]);
  });

  it('S35 answers an earlier command in the name of the saga that sent it', async () => {
    const { till, streams } = newShop();
    const decide = (metadata: EventMetadata, answers?: string) =>
      database.sql.transaction((transaction) =>
        decideAcross({ ...recording(transaction), metadata, now: new Date() }, streams, () => ({
          events: { till: [counted(1)] },
          ...(answers !== undefined && { answers }),
        })),
      );
    const command = v7();
    const ofEarlierRelease = v7();
    await decide({ correlationId: 'story', causationId: command, saga: 'trip' });
    await decide({ correlationId: 'story', causationId: ofEarlierRelease });
    const handled = { correlationId: 'story', causationId: v7(), saga: 'loyalty' };
    await decide(handled, command);
    await decide(handled, ofEarlierRelease);
    await decide(handled, 'unknown');
    const { saga: _saga, ...withoutSaga } = handled;
    await decide(withoutSaga, command);

    const answers = (await store.read(database.sql, till)).slice(2);
    expect(answers.map(({ metadata: { causationId, saga } }) => [causationId, saga])).toEqual([
      [command, 'trip'],
      [ofEarlierRelease, undefined],
      ['unknown', undefined],
      [command, undefined],
    ]);
  });

  it('seals the payload of a call that names a subject, with the key of its own service', async () => {
    const { till, streams } = newShop();
    const recorder: Recorder<string> = {
      store,
      externalCall: (call) => ({ kind: call, key: till, payload: { name: 'Ada' }, subject: 'ada' }),
      holder: { name: 'shop', personalData: fakePersonalData() },
    };
    await database.sql.transaction((transaction) =>
      decideAcross(recording(transaction, recorder), streams, () => ({ events: {}, calls: ['ring'] })),
    );

    const { rows } = await database.sql.query('SELECT payload FROM external_call WHERE key = $1', [till]);
    expect(rows).toEqual([{ payload: { sealed: 1, subject: 'ada', data: expect.any(String) } }]);
  });

  it('E04 undoes its events when the publication fails', async () => {
    const { till, streams } = newShop();
    const recorder = { store, publish: () => Promise.reject(new Error('publication failed')) };
    const failed = database.sql.transaction((transaction) =>
      decideAcross(recording(transaction, recorder), streams, () => ({ events: { till: [counted(1)] } })),
    );

    await expect(failed).rejects.toThrow('publication failed');
    expect(await total(till)).toBe(0);
  });

  it('rejects an id whose stream was not loaded, and a stream that is named twice', async () => {
    const { till, streams } = newShop();
    const decide = (work: (transaction: SqlTransaction) => Promise<unknown>) =>
      database.sql.transaction(work);

    await expect(
      decide((transaction) =>
        decideAcross(recording(transaction), streams, () => ({
          events: { shelf: new Map([['chair', [counted(1)]]]) },
        })),
      ),
    ).rejects.toMatchObject({ code: 'stream_not_loaded', message: expect.stringContaining('shelf chair') });
    await expect(
      decide((transaction) =>
        decideAcross(recording(transaction), { one: [counter, till], other: [counter, till] }, () => ({
          events: {},
        })),
      ),
    ).rejects.toMatchObject({ code: 'stream_named_twice' });
  });

  it('is repeated with its streams locked after a conflict', async () => {
    const { till, shelves, streams } = newShop();
    const sell = () =>
      optimisticTransaction(database.sql, [till, ...shelves.values()], (transaction) =>
        decideAcross(recording(transaction), streams, (states) => ({
          events: { till: [counted(1)], shelf: new Map([['lamp', [counted(states.till.total)]]]) },
        })),
      );
    await Promise.all(Array.from({ length: 10 }, sell));

    expect(await total(till)).toBe(10);
    expect(await total(shelves.get('lamp')!)).toBe(45);
  });
});

/** Never runs. It only proves that the compiler rejects each of these calls. */
export function refusedByTheCompiler(transaction: SqlTransaction, stream: string) {
  const recorder: Recorder = { store: postgresEventStore() };
  const recording = { transaction, recorder, ...appendOptions() };
  const streams = { till: [counter, stream] } as const;
  const undeclared = { events: { shelf: [counted(1)] } };
  const ofAnotherDomain = { events: { till: [{ type: 'Renamed' as const }] } };
  const several = { events: { till: new Map([['lamp', [counted(1)]]]) } };
  return [
    // @ts-expect-error a stream that was not declared
    decideAcross(recording, streams, () => undeclared),
    // @ts-expect-error an undeclared stream beside a declared one
    decideAcross(recording, streams, () => ({ events: { till: [counted(1)], ...undeclared.events } })),
    // @ts-expect-error an event from another domain
    decideAcross(recording, streams, () => ofAnotherDomain),
    // @ts-expect-error events by id for one stream
    decideAcross(recording, streams, () => several),
    // @ts-expect-error a call from a service that makes none
    decideAcross(recording, streams, () => ({ events: {}, calls: ['ring'] })),
    // @ts-expect-error the state of a stream that was not declared
    decideAcross(recording, streams, ({ shelf }) => ({ events: { till: [counted(shelf.total)] } })),
  ];
}
