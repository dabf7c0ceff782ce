import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { TestDatabase } from '@millrace/testing/postgres';
import { fc } from '@millrace/testing/random';
import { within } from '@millrace/testing/within';
import type { ExpectedVersion, RecordedEvent } from '../event-store.ts';
import { coalescedAppends } from './coalesced-appends.ts';
import { appendOptions, newStream, openEventDatabase } from './event-database.fixture.ts';
import { postgresEventStore } from './postgres-event-store.ts';

const counted = { type: 'Counted' };

describe('coalesced appends', () => {
  const store = postgresEventStore();
  let database: TestDatabase;
  let statements = 0;
  beforeAll(async () => {
    database = await openEventDatabase();
    await database.sql.query('CREATE TABLE seen (id uuid)');
  });
  afterAll(() => database.drop());

  const counting = (sql: SqlDatabase): SqlDatabase => ({
    transaction: (work) => sql.transaction(work),
    query: (text, values) => (statements++, sql.query(text, values)),
  });
  const appender = (from = store) => coalescedAppends(counting(database.sql), from);
  const read = (stream: string) => store.read(database.sql, stream);
  const lockAwaited = () =>
    within(10_000)(async () => {
      const { rowCount } = await database.sql.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rowCount === 1;
    }, 'a statement that waits for a lock');

  it('of one moment are written with one statement, each with its own result', async () => {
    const append = appender();
    const streams = Array.from({ length: 20 }, () => newStream());
    statements = 0;
    const results = await Promise.all(
      streams.map((stream) =>
        append({ stream, expected: 'none', events: [counted, counted] }, appendOptions()),
      ),
    );

    expect(statements).toBe(1);
    expect(results.map((events) => events.map(({ version }) => version))).toEqual(
      streams.map(() => [1n, 2n]),
    );
    expect(await Promise.all(streams.map(read))).toEqual(results);
  });

  it('fail nobody else when they conflict, and say what was expected and found', async () => {
    const append = appender();
    const taken = newStream('b');
    const free = newStream('a');
    await append({ stream: taken, expected: 'none', events: [counted] }, appendOptions());
    const outcomes = await Promise.allSettled([
      append({ stream: taken, expected: 'none', events: [counted] }, appendOptions()),
      append({ stream: free, expected: 'none', events: [counted] }, appendOptions()),
      append({ stream: newStream(), expected: 3n, events: [counted] }, appendOptions()),
    ]);

    expect(outcomes).toMatchObject([
      { reason: { code: 'wrong_expected_version', stream: taken, expected: 'none', actual: 1n } },
      { value: [{ stream: free, version: 1n }] },
      { reason: { expected: 3n, actual: 0n } },
    ]);
    expect(await read(taken)).toHaveLength(1);
    expect(await append({ stream: taken, expected: 1n, events: [counted] }, appendOptions())).toHaveLength(1);
  });

  it('fail nobody else when one of their events is refused', async () => {
    const append = appender();
    const id = randomUUID();
    const twice = [1, 2].map(() =>
      append(
        { stream: newStream(), expected: 'any', events: [counted] },
        { ...appendOptions(), newId: () => id },
      ),
    );
    const others = [1, 2].map(() =>
      append({ stream: newStream(), expected: 'any', events: [counted] }, appendOptions()),
    );

    expect((await Promise.allSettled(twice)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((await Promise.all(others)).flat()).toHaveLength(2);
  });

  it('fail nobody when the statement deadlocks with a transaction of several streams', async () => {
    const append = appender();
    const first = newStream('a');
    const last = newStream('b');
    await append({ stream: first, expected: 'none', events: [counted] }, appendOptions());
    await append({ stream: last, expected: 'none', events: [counted] }, appendOptions());
    const lock = 'UPDATE stream SET version = version WHERE id = $1';
    let appended: Promise<unknown> | undefined;
    await database.sql.transaction(async (transaction) => {
      await transaction.query(`SET LOCAL deadlock_timeout = '30s'`);
      await transaction.query(lock, [last]);
      appended = Promise.all(
        [first, last].map((stream) => append({ stream, expected: 1n, events: [counted] }, appendOptions())),
      );
      appended.catch(() => undefined);
      await lockAwaited();
      await transaction.query(lock, [first]);
    });

    expect(await appended).toMatchObject([[{ version: 2n }], [{ version: 2n }]]);
  });

  it('keep the metadata and the time of their own call, also those to the same stream', async () => {
    const append = appender();
    const shared = newStream('shared');
    const streams = [newStream(), shared, shared, newStream()];
    const results = await Promise.all(
      streams.map((stream, index) =>
        append(
          { stream, expected: 'any', events: [counted, counted] },
          {
            ...appendOptions(new Date(1_000 * index)),
            metadata: { correlationId: `call ${index}`, causationId: 'request' },
          },
        ),
      ),
    );
    const stored = await Promise.all([...new Set(streams)].map(read));
    expect(sorted(stored.flat())).toEqual(sorted(results.flat()));
    expect(results[2]).toMatchObject([
      { metadata: { correlationId: 'call 2' }, recordedAt: new Date(2_000), version: 3n },
      { metadata: { correlationId: 'call 2' }, recordedAt: new Date(2_000), version: 4n },
    ]);
  });

  it('wait only for appends to their own stream when a statement does not end', async () => {
    const append = appender();
    const held = newStream('held');
    await append({ stream: held, expected: 'none', events: [counted] }, appendOptions());
    let waiting: Promise<unknown> | undefined;
    await database.sql.transaction(async (transaction) => {
      await transaction.query('UPDATE stream SET version = version WHERE id = $1', [held]);
      const first = append({ stream: held, expected: 'any', events: [counted] }, appendOptions());
      await lockAwaited();
      const second = append({ stream: held, expected: 2n, events: [counted] }, appendOptions());
      waiting = Promise.all([first, second]);
      for (let number = 0; number < 3; number++)
        expect(
          await append({ stream: newStream(), expected: 'none', events: [counted] }, appendOptions()),
        ).toHaveLength(1);
    });

    expect(await waiting).toMatchObject([[{ version: 2n }], [{ version: 3n }]]);
  });

  it('to one stream are written in the order in which they were asked for', async () => {
    const append = appender();
    const stream = newStream();
    const results = await Promise.all(
      (['any', 1n, 'any'] as const).map((expected) =>
        append({ stream, expected, events: [counted] }, appendOptions()),
      ),
    );
    expect(results.map(([event]) => event?.version)).toEqual([1n, 2n, 3n]);
  });

  it('give every event of a stream its own version, whatever the callers expect', async () => {
    const expectations = fc.array(
      fc.record({
        stream: fc.nat(2),
        expected: fc.constantFrom<'any' | 'none' | number>('any', 'none', 1, 2),
      }),
      {
        minLength: 1,
        maxLength: 30,
      },
    );
    await fc.assert(
      fc.asyncProperty(expectations, async (appends) => {
        const streams = [newStream(), newStream(), newStream()];
        const append = appender();
        const outcomes = await Promise.allSettled(
          appends.map(({ stream, expected }) =>
            append(
              { stream: streams[stream]!, expected: expectedOf(expected), events: [counted] },
              appendOptions(),
            ),
          ),
        );
        const written = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
        const stored = (await Promise.all(streams.map(read))).flat();
        expect(sorted(stored)).toEqual(sorted(written));
        const { rows } = await database.sql.query<{ id: string; version: string }>(
          'SELECT id, version FROM stream WHERE id = ANY ($1)',
          [streams],
        );
        for (const { id, version } of rows)
          expect(Number(version)).toBe(stored.filter(({ stream }) => stream === id).length);
      }),
      { numRuns: 20 },
    );
  });

  it('of several processes never deadlock, and positions follow the versions', async () => {
    const streams = Array.from({ length: 10 }, () => newStream());
    const processes = [1, 2, 3].map(() => appender());
    await Promise.all(
      processes.flatMap((append) =>
        Array.from({ length: 100 }, (_, number) =>
          append(
            { stream: streams[(number * 7) % 10]!, expected: 'any', events: [counted] },
            appendOptions(),
          ),
        ),
      ),
    );

    const { rows } = await database.sql.query(
      `SELECT stream FROM (
         SELECT stream, version, row_number() OVER (PARTITION BY stream ORDER BY position) AS number
         FROM event WHERE stream = ANY ($1)
       ) AS numbered WHERE version <> number`,
      [streams],
    );
    expect(rows).toEqual([]);
    expect((await Promise.all(streams.map(read))).flat()).toHaveLength(300);
  });

  it('have a transaction of their own if they take effect once or an inline projection follows them', async () => {
    const seen = {
      name: 'seen',
      version: 1,
      eventTypes: ['Counted'],
      apply: async (transaction: Parameters<typeof store.append>[0], events: readonly RecordedEvent[]) => {
        for (const { id } of events) await transaction.query('INSERT INTO seen VALUES ($1)', [id]);
      },
    };
    const projecting = coalescedAppends(database.sql, postgresEventStore({ inline: [seen] }));
    const [event] = await projecting(
      { stream: newStream(), expected: 'none', events: [counted] },
      appendOptions(),
    );
    expect((await database.sql.query('SELECT id FROM seen')).rows).toEqual([{ id: event!.id }]);

    const once = { ...appendOptions(), once: true };
    const stream = newStream();
    const append = appender();
    const first = await append({ stream, expected: 'none', events: [counted] }, once);
    expect(await append({ stream, expected: 'none', events: [counted] }, once)).toEqual(first);
  });
});

const expectedOf = (expected: 'any' | 'none' | number): ExpectedVersion =>
  typeof expected === 'number' ? BigInt(expected) : expected;

const sorted = (events: readonly RecordedEvent[]): readonly RecordedEvent[] =>
  events.toSorted((one, other) =>
    one.stream === other.stream
      ? Number(one.version - other.version)
      : one.stream.localeCompare(other.stream),
  );
