import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendToOutbox } from '@millrace/streaming-core/outbox';
import { migrate, streamingCoreMigrations, type SqlTransaction } from '@millrace/streaming-core/postgres';
import type { TestDatabase } from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import { decideAcross } from './decide-and-record.ts';
import { counter, decideCount } from './counter.fixture.ts';
import type { RecordedEvent } from './event-store.ts';
import { appendOptions, newStream, openEventDatabase } from './postgres/event-database.fixture.ts';
import { lockStreams } from './postgres/lock-streams.ts';
import { postgresEventStore } from './postgres/postgres-event-store.ts';
import { inlineProjections } from './projection.ts';
import type { Recorder } from './recorder.ts';
import { loadState } from './state.ts';

const attributes = {
  source: '/millrace/test',
  type: 'Told',
  time: '2026-03-01T00:00:00.000Z',
  dataSchema: '/schemas/told/Told/1',
  correlationId: 'story',
  causationId: 'cause',
};
const counted = (by: number) => ({ type: 'Counted' as const, by });

describe('a unit of work', () => {
  const projected: (readonly RecordedEvent[])[] = [];
  const projection = {
    name: 'totals',
    version: 1,
    eventTypes: ['Counted'],
    apply: async (_: unknown, events: readonly RecordedEvent[]) => void projected.push(events),
  };
  const projections = inlineProjections([projection]);
  const store = postgresEventStore();
  const others = postgresEventStore();
  let database: TestDatabase;

  beforeAll(async () => {
    database = await openEventDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  });
  afterAll(() => database.drop());

  /**
   * Runs work in a transaction that locks these streams first, and returns the statements it sent.
   */
  async function batch(
    streams: readonly string[],
    work: (transaction: SqlTransaction, statements: readonly string[]) => Promise<void>,
  ) {
    const statements: string[] = [];
    await database.sql.transaction(async (inner) => {
      const transaction = inner.withQuery(
        (text, values) => (statements.push(text), inner.query(text, values)),
      );
      await lockStreams(transaction, streams);
      await transaction.unitOfWork(() => work(transaction, statements));
    });
    return statements;
  }

  const count = (transaction: SqlTransaction, stream: string, by: number) =>
    decideCount(transaction, { store, projections, stream, command: { type: 'Count', by } });
  const versions = async (stream: string) =>
    (await store.read(database.sql, stream)).map(({ version }) => version);

  it('M15 sends two statements, however many loads, appends and streams it has', async () => {
    const streams = Array.from({ length: 10 }, () => newStream());
    await batch(streams, async (transaction) => void (await count(transaction, streams[0]!, 5)));
    projected.length = 0;

    const statements = await batch(streams, async (transaction) => {
      for (let round = 1; round <= 5; round++)
        for (const stream of streams) await count(transaction, stream, round);
    });

    expect(statements).toHaveLength(2);
    expect(await loadState(database.sql, store, counter, streams[0]!)).toEqual({
      state: { total: 20 },
      version: 6n,
    });
    expect(await versions(streams[9]!)).toEqual([1n, 2n, 3n, 4n, 5n]);
    expect(projected.map((events) => events.length)).toEqual([50]);
  });

  it('M15 writes its outbox messages and its external calls in one statement each', async () => {
    const stream = newStream();
    const told = { topic: 'told', key: stream, message: { type: 'Told' } };
    const recorder: Recorder<number> = {
      store: postgresEventStore(),
      async publish(transaction, events) {
        const messages = events.map(({ recorded: { id } }) => ({
          ...told,
          attributes: { ...attributes, id, subject: stream },
        }));
        await appendToOutbox(transaction, messages);
        return messages;
      },
      externalCall: (number) => ({ kind: 'told', key: `${stream}:${number}`, payload: {} }),
    };
    const statements = await batch([stream], async (transaction) => {
      for (let number = 0; number < 50; number++)
        await decideAcross({ transaction, recorder, ...appendOptions() }, { it: [counter, stream] }, () => ({
          events: { it: [counted(1)] },
          calls: [number],
        }));
    });

    expect(statements).toHaveLength(4); // locks, events, calls, outbox
    const { rows } = await database.sql.query(
      `SELECT event.version FROM outbox JOIN event ON event.id = outbox.id WHERE outbox.key = $1 ORDER BY outbox.position`,
      [stream],
    );
    expect(rows).toEqual(Array.from({ length: 50 }, (_, index) => ({ version: String(index + 1) })));
    expect((await database.sql.query("SELECT 1 FROM external_call WHERE kind = 'told'")).rowCount).toBe(50);
  });

  it('E09 loads stored events and those that it has appended itself, even in pages', async () => {
    const stream = newStream();
    await batch([stream], async (transaction) => void (await count(transaction, stream, 5)));

    await batch([stream], async (transaction, statements) => {
      await count(transaction, stream, 2);
      await count(transaction, stream, 3);
      expect(await loadState(transaction, store, counter, stream)).toEqual({
        state: { total: 10 },
        version: 3n,
      });
      expect(await loadState(transaction, store, counter, stream, { toVersion: 2n })).toEqual({
        state: { total: 7 },
        version: 2n,
      });
      expect(
        (await store.read(transaction, stream, { fromVersion: 2n, limit: 1 })).map(({ version }) => version),
      ).toEqual([2n]);
      expect(statements).toHaveLength(1);
    });
    expect(await versions(stream)).toEqual([1n, 2n, 3n]);
  });

  it('rejects a wrong version of a locked stream before it sends anything', async () => {
    const stream = newStream();
    await batch([stream], async (transaction, statements) => {
      await count(transaction, stream, 1);
      const append = store.append(
        transaction,
        [{ stream, expected: 'none', events: [counted(1)] }],
        appendOptions(),
      );
      await expect(append).rejects.toMatchObject({
        code: 'wrong_expected_version',
        stream,
        expected: 'none',
        actual: 1n,
      });
      expect(statements).toHaveLength(1);
    });
    expect(await versions(stream)).toEqual([1n]);
  });

  it('detects a conflict on an unlocked stream when it writes to the stream', async () => {
    const stream = newStream();
    const overtaken = database.sql.transaction((transaction) =>
      transaction.unitOfWork(async () => {
        await count(transaction, stream, 1);
        await count(transaction, stream, 1);
        await database.sql.transaction((other) =>
          others.append(other, [{ stream, expected: 'none', events: [counted(9)] }], appendOptions()),
        );
      }),
    );

    await expect(overtaken).rejects.toMatchObject({
      code: 'wrong_expected_version',
      stream,
      expected: 'none',
      actual: 1n,
    });
    expect(await loadState(database.sql, store, counter, stream)).toEqual({
      state: { total: 9 },
      version: 1n,
    });
  });

  it('assigns positions in the order of the appends, across streams and stores', async () => {
    const first = newStream('b');
    const second = newStream('a');
    await batch([first, second], async (transaction) => {
      await count(transaction, first, 1);
      await others.append(
        transaction,
        [{ stream: second, expected: 'any', events: [counted(2)] }],
        appendOptions(),
      );
      await count(transaction, first, 3);
    });

    const { rows } = await database.sql.query(
      'SELECT stream, version FROM event WHERE stream = ANY ($1) ORDER BY position',
      [[first, second]],
    );
    expect(rows).toEqual([
      { stream: first, version: '1' },
      { stream: second, version: '1' },
      { stream: first, version: '2' },
    ]);
  });

  it('reads a stream in pages if it is too long to come with its lock', async () => {
    const stream = newStream();
    const events = Array.from({ length: 1_500 }, () => counted(1));
    await database.sql.transaction((transaction) =>
      others.append(transaction, [{ stream, expected: 'none', events }], appendOptions()),
    );

    await batch([stream], async (transaction) => {
      await count(transaction, stream, 2);
      expect(await loadState(transaction, others, counter, stream)).toEqual({
        state: { total: 1_502 },
        version: 1_501n,
      });
    });
    const statements = await batch(
      [stream],
      async (transaction) => void (await count(transaction, stream, 3)),
    );

    expect(statements).toHaveLength(2); // the events after the kept state came with the lock
    expect((await loadState(database.sql, others, counter, stream)).state).toEqual({ total: 1_505 });
  });

  it('E09 sees what the previous owner of a lock committed while it waited', async () => {
    const stream = newStream();
    let second: Promise<unknown> = Promise.resolve();
    await batch([stream], async (transaction) => {
      second = batch([stream], async (waiting) => {
        expect(await loadState(waiting, store, counter, stream)).toEqual({
          state: { total: 4 },
          version: 1n,
        });
      });
      second.catch(() => undefined);
      const waiting =
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
      await within(20_000)(
        async () => (await database.sql.query(waiting)).rowCount > 0,
        'a session that waits for a lock',
      );
      await count(transaction, stream, 4);
    });

    await second;
  });

  it('keeps no state that includes its own events', async () => {
    const kept = postgresEventStore({ limits: { versionMin: 1n } });
    const stream = newStream();
    await batch([stream], async (transaction) => void (await count(transaction, stream, 1)));
    const failed = batch([stream], async (transaction) => {
      await count(transaction, stream, 100);
      expect((await loadState(transaction, kept, counter, stream)).state).toEqual({ total: 101 });
      throw new Error('changed its mind');
    });
    await expect(failed).rejects.toThrow('changed its mind');

    expect(kept.states?.find(counter, stream)).toEqual({ state: { total: 1 }, version: 1n });
    expect((await loadState(database.sql, kept, counter, stream)).state).toEqual({ total: 1 });
  });
});
