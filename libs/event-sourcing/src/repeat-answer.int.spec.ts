import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate, streamingCoreMigrations, type SqlTransaction } from '@millrace/streaming-core/postgres';
import { topic } from '@millrace/streaming-core/contract';
import type { TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { z } from 'zod';
import { counter, type CounterEvent } from './counter.fixture.ts';
import { decideAcross, type StreamSet } from './decide-and-record.ts';
import type { EventMetadata, RecordedEvent } from './event-store.ts';
import { answerFoldEventsMax } from './limits.ts';
import { newStream, openEventDatabase } from './postgres/event-database.fixture.ts';
import { lockStreams } from './postgres/lock-streams.ts';
import { postgresEventStore } from './postgres/postgres-event-store.ts';
import { publishEvents, toPublic } from './publish-events.ts';
import { repeatAnswer, withoutState } from './decide-and-record.ts';

const told = topic(
  'counter-events',
  { key: 'total', partitions: 1, retention: 'unlimited' },
  { Counted: z.strictObject({ total: z.number() }) },
);
const counted = (by: number): CounterEvent => ({ type: 'Counted', by });

describe('repeatAnswer', () => {
  const store = postgresEventStore();
  /**
   * Publishes the total after each event and its negative; publishes nothing for an amount of 0.
   */
  const publish = publishEvents<CounterEvent, { total: number } | undefined>(
    { source: '/millrace/counter' },
    ({ by }, state) => {
      const total = state?.total ?? -1;
      return by === 0 ? [] : [total, -total].map((each) => toPublic(told.Counted, { total: each }));
    },
  );
  const recorder = { store, publish };
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openEventDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
  });
  afterAll(() => database.drop());

  const newCommand = () => ({ id: v7(), correlationId: v7() });
  type Command = ReturnType<typeof newCommand>;
  const metadataOf = ({ id, correlationId }: Command): EventMetadata => ({
    correlationId,
    causationId: id,
    saga: 'trip',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    tracestate: 'vendor=value',
  });

  /** Runs work in a batch's transaction and returns the statements that it sent after the locks. */
  async function batch(streams: readonly string[], work: (transaction: SqlTransaction) => Promise<unknown>) {
    const statements: string[] = [];
    await database.sql.transaction(async (inner) => {
      const transaction = inner.withQuery(
        (text, values) => (statements.push(text), inner.query(text, values)),
      );
      await lockStreams(transaction, streams);
      statements.length = 0;
      await transaction.unitOfWork(() => work(transaction));
    });
    return statements;
  }

  /** One decision that counts these amounts in each stream. */
  const handle = (command: Command, amounts: Readonly<Record<string, readonly number[]>>, at = new Date()) =>
    batch(Object.keys(amounts), (transaction) =>
      decideAcross(
        { transaction, recorder, metadata: metadataOf(command), newId: v7, now: at },
        { counter: [counter, new Map(Object.keys(amounts).map((stream) => [stream, stream]))] } as const,
        () => ({
          events: {
            counter: new Map(Object.entries(amounts).map(([stream, by]) => [stream, by.map(counted)])),
          },
        }),
      ),
    );

  const setOf = (...streams: readonly string[]): StreamSet => ({
    counter: [counter, new Map(streams.map((stream) => [stream, stream]))],
  });
  const repeat = (command: Command, set: StreamSet, locked: readonly string[]) =>
    batch(locked, (transaction) => repeatAnswer(transaction, recorder, set, command.id));

  /** The outbox rows that a command has caused, without position and time of writing. */
  const outboxOf = async ({ id }: Command) =>
    (
      await database.sql.query<{ id: string; payload: string; headers: Record<string, string> }>(
        `SELECT id, topic, key, type, source, subject, time, dataschema, correlationid, causationid, traceparent, payload, headers
         FROM outbox WHERE causationid = $1 ORDER BY position`,
        [id],
      )
    ).rows;

  it('M21 publishes the first answer again with the same id, content, time, causation, correlation, saga, trace and version', async () => {
    const stream = newStream();
    const command = newCommand();
    await handle(newCommand(), { [stream]: [1, 2] });
    await handle(command, { [stream]: [3, 4] }, new Date('2026-03-01T08:00:00.123Z'));
    await handle(newCommand(), { [stream]: [5] });
    const first = await outboxOf(command);
    expect(first.map(({ payload }) => JSON.parse(payload))).toEqual([
      { type: 'Counted', total: 6 },
      { type: 'Counted', total: -6 },
      { type: 'Counted', total: 10 },
      { type: 'Counted', total: -10 },
    ]);
    expect(new Set(first.map(({ id }) => id)).size).toBe(4);
    expect(first[0]?.headers).toMatchObject({ ce_saga: 'trip' });

    await repeat(command, setOf(stream), [stream]);

    expect((await outboxOf(command)).slice(4)).toEqual(first);
  });

  it('needs no statement other than the outbox insert when the streams were loaded with their locks', async () => {
    const stream = newStream();
    const command = newCommand();
    await handle(command, { [stream]: [3] });

    const statements = await repeat(command, setOf(stream), [stream]);

    expect(statements).toEqual([expect.stringContaining('INSERT INTO outbox')]);
  });

  it('M21 appends no event', async () => {
    const stream = newStream();
    const command = newCommand();
    await handle(command, { [stream]: [3] });
    await repeat(command, setOf(stream), [stream]);
    expect(await store.read(database.sql, stream)).toHaveLength(1);
  });

  it('finds the answer in whichever of the streams holds it', async () => {
    const quiet = newStream();
    const answering = newStream();
    const command = newCommand();
    await handle(command, { [quiet]: [0], [answering]: [3] });
    const first = await outboxOf(command);
    expect(first).toHaveLength(2);

    await repeat(command, setOf(quiet, answering), [quiet, answering]);

    expect((await outboxOf(command)).slice(2)).toEqual(first);
  });

  it('M21 does not repeat the answers to other commands', async () => {
    const stream = newStream();
    const one = newCommand();
    const other = newCommand();
    await handle(one, { [stream]: [3] });
    await handle(other, { [stream]: [4] });
    await repeat(one, setOf(stream), [stream]);
    expect(await outboxOf(one)).toHaveLength(4);
    expect(await outboxOf(other)).toHaveLength(2);
  });

  it('M21 publishes nothing while an external call is open, and the recorded result afterwards', async () => {
    const stream = newStream();
    const command = newCommand();
    await handle(command, { [stream]: [0] }); // requests an external call
    await repeat(command, setOf(stream), [stream]);
    expect(await outboxOf(command)).toEqual([]);

    await handle(command, { [stream]: [7] }); // records its result
    const answer = await outboxOf(command);
    await repeat(command, setOf(stream), [stream]);
    expect(answer).toHaveLength(2);
    expect((await outboxOf(command)).slice(2)).toEqual(answer);
  });

  it('rejects a stream that was not locked with the batch', async () => {
    const locked = newStream();
    const other = newStream();
    await expect(repeat(newCommand(), setOf(other), [locked])).rejects.toMatchObject({
      code: 'undeclared_stream',
    });
  });

  describe('in a long stream', () => {
    /** Inserts events one second apart, the last one at `until`. */
    async function grow(stream: string, events: number, until: Date): Promise<void> {
      await database.sql.query('INSERT INTO stream (id, version) VALUES ($1, $2)', [stream, events]);
      await database.sql.query(
        `INSERT INTO event (position, id, stream, version, type, data, metadata, recorded_at)
         SELECT nextval('event_position'), gen_random_uuid(), $1, n, 'Counted', '{"by": 1}',
                '{"causationId": "someone", "correlationId": "else"}', $3::timestamptz - ($2::integer - n) * interval '1 second'
         FROM generate_series(1, $2::integer) AS n`,
        [stream, events, until],
      );
    }
    /** The events found, and the number of event rows read. */
    const searched = (work: (transaction: SqlTransaction) => Promise<readonly RecordedEvent[]>) =>
      database.sql.transaction(async (transaction) => {
        const read = async () => {
          const { rows } = await transaction.query<{ read: string }>(
            "SELECT seq_tup_read + idx_tup_fetch AS read FROM pg_stat_xact_user_tables WHERE relname = 'event'",
          );
          return Number(rows[0]?.read);
        };
        const before = await read();
        const found = await work(transaction);
        return { found, read: (await read()) - before };
      });

    it('searches from the time of the command on and reads no earlier events', async () => {
      const stream = newStream();
      const command = newCommand();
      await grow(stream, 5_000, new Date());
      await database.sql.query('ANALYZE event');
      await handle(command, { [stream]: [3] });

      const { found, read } = await searched((transaction) =>
        store.readCaused(transaction, [stream], command.id),
      );

      expect(found.map(({ version }) => version)).toEqual([5_001n]);
      expect(read).toBeLessThan(150); // 60 events of tolerance for clocks, 13 look-ups
    });

    it('finds an answer that was recorded by a host whose clock was half a minute behind', async () => {
      const stream = newStream();
      await grow(stream, 1_000, new Date(Date.now() - 600_000));
      const command = newCommand();
      await handle(command, { [stream]: [3] }, new Date(Date.now() - 30_000));
      const found = await database.sql.transaction((transaction) =>
        store.readCaused(transaction, [stream], command.id),
      );
      expect(found).toHaveLength(1);
    });

    it('searches a limited number of events', async () => {
      const stream = newStream();
      const command = newCommand();
      await grow(stream, 300, new Date(Date.now() + 3_600_000));
      await handle(command, { [stream]: [3] });
      const searching = (searchedEventsMax: number) =>
        database.sql.transaction((transaction) =>
          postgresEventStore({ limits: { searchedEventsMax } }).readCaused(transaction, [stream], command.id),
        );
      expect(await searching(300)).toEqual([]);
      expect(await searching(301)).toHaveLength(1);
    });

    it('skips an answer that takes too long to fold and names its stream, unless the messages need no state', async () => {
      const stream = newStream();
      const command = newCommand();
      await grow(stream, answerFoldEventsMax, new Date(Date.now() - 3_600_000));
      await handle(command, { [stream]: [3] });
      const first = await outboxOf(command);
      const outcomes: (readonly string[])[] = [];

      await batch([stream], async (transaction) => {
        outcomes.push(await repeatAnswer(transaction, recorder, setOf(stream), command.id));
        outcomes.push(
          await repeatAnswer(transaction, recorder, { counter: [withoutState, stream] }, command.id),
        );
      });

      expect(outcomes).toEqual([[stream], []]);
      expect((await outboxOf(command)).slice(2).map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    });
  });
});
