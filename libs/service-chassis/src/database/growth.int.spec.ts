import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventSourcingMigrations, postgresEventStore } from '@millrace/event-sourcing';
import { createExternalCallWorker, requestExternalCall } from '@millrace/streaming-core/external-calls';
import { appendToOutbox, maintainPartitions } from '@millrace/streaming-core/outbox';
import {
  migrate,
  pgDatabase,
  streamingCoreMigrations,
  type SqlDatabase,
} from '@millrace/streaming-core/postgres';
import { days, silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import { Pool } from 'pg';
import { v7 } from 'uuid';
import { forgetExpired, keep } from '../web/idempotency/kept-answers.ts';
import { identityOf } from '../web/idempotency/idempotency-key.ts';
import { chassisMigrations } from './required-migrations.ts';

const until = within(20_000);
const ordersPerDay = 3;
const playedDays = 80;

/**
 * Opens a PostgreSQL database whose time the test sets. Statements, defaults and functions find
 * these versions of `now()` and `clock_timestamp()` first. All retention follows the database's
 * clock, so weeks pass in seconds without the code noticing.
 */
async function openPlayedTime(database: TestDatabase): Promise<{ sql: SqlDatabase; close(): Promise<void> }> {
  await database.sql.query(`
    CREATE TABLE played_clock (at timestamptz NOT NULL);
    INSERT INTO played_clock VALUES ('2026-01-01T12:00:00Z');
    CREATE FUNCTION now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM public.played_clock';
    CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS 'SELECT at FROM public.played_clock';
    ALTER DATABASE ${database.name} SET search_path = public, pg_catalog`);
  const pool = new Pool({ connectionString: database.url, max: 5 });
  return { sql: pgDatabase(pool), close: () => pool.end() };
}

type Figures = Readonly<Record<string, number>>;

describe('the tables of a service over weeks', () => {
  const store = postgresEventStore();
  const figures: Figures[] = [];
  let database: TestDatabase;
  let played: Awaited<ReturnType<typeof openPlayedTime>>;

  beforeAll(async () => {
    database = await createTestDatabase();
    played = await openPlayedTime(database);
    await migrate(played.sql, [
      { library: 'streaming-core', folder: streamingCoreMigrations },
      { library: 'event-sourcing', folder: eventSourcingMigrations },
      chassisMigrations,
    ]);
    const calls = createExternalCallWorker({
      database: played.sql,
      kind: 'card',
      clock: systemClock,
      logger: silentLogger,
      call: () => Promise.resolve('paid'),
      complete: () => Promise.resolve(),
      idleMsMax: 5,
    });
    calls.start();
    for (let day = 0; day < playedDays; day++) await playDay();
    await calls.stop();
  });
  afterAll(async () => {
    await played.close();
    await database.drop();
  });

  async function playDay(): Promise<void> {
    const { rows } = await played.sql.query<{ at: Date }>(
      `UPDATE played_clock SET at = at + interval '1 day' RETURNING at`,
    );
    const now = rows[0]!.at;
    for (let order = 0; order < ordersPerDay; order++) await handleOrder(now);
    await played.sql.query(
      'UPDATE relay_cursor SET position = (SELECT last_value FROM outbox_position_sequence)',
    );
    await until(async () => (await count('external_call')) === 0, 'the calls of the day to be made');
    await maintainPartitions(played.sql, { inboxRetentionMs: days(31) });
    while ((await forgetExpired(played.sql, 100)) > 0);
    figures.push(await figuresNow());
  }

  /**
   * Plays one order: a request with a key, which records an event, publishes it and requests an
   * external call, and one handled message.
   */
  async function handleOrder(now: Date): Promise<void> {
    const orderId = v7();
    const metadata = { correlationId: orderId, causationId: orderId };
    await played.sql.transaction((transaction) =>
      transaction.unitOfWork(async () => {
        const identity = identityOf({ route: 'POST /orders', parameters: {}, key: orderId, body: {} });
        const kept = await keep(transaction, identity, { status: 202, headers: {}, body: '{}' });
        await kept.answers;
        await store.append(
          transaction,
          [{ stream: `order-${orderId}`, expected: 'none', events: [{ type: 'OrderPlaced' }] }],
          { metadata, newId: v7, now },
        );
        const attributes = {
          id: v7(),
          source: '/test',
          type: 'OrderPlaced',
          time: now.toISOString(),
          subject: orderId,
          dataSchema: '/schemas/test',
          ...metadata,
        };
        await appendToOutbox(transaction, [
          { topic: 'orders', key: orderId, message: { type: 'OrderPlaced' }, attributes },
        ]);
        await requestExternalCall(transaction, { kind: 'card', key: orderId, payload: {}, metadata });
      }),
    );
    await played.sql.query(
      `INSERT INTO inbox (consumer_group, source, id, time) VALUES ('test', '/test', $1, $2)`,
      [randomUUID(), now],
    );
  }

  const count = async (table: string): Promise<number> =>
    Number((await played.sql.query(`SELECT count(*) FROM ${table}`)).rows[0]?.count);
  const daysOf = async (parent: string): Promise<number> =>
    (await played.sql.query('SELECT FROM pg_inherits WHERE inhparent = $1::regclass', [parent])).rowCount;

  const figuresNow = async (): Promise<Figures> => ({
    outbox: await count('outbox'),
    'days of outbox': await daysOf('outbox'),
    inbox: await count('inbox'),
    'days of inbox': await daysOf('inbox'),
    idempotency_key: await count('idempotency_key'),
    external_call: await count('external_call'),
    event: await count('event'),
    stream: await count('stream'),
  });
  const after = (day: number): Figures => figures[day - 1] ?? {};

  it.each([
    ['outbox', 5, 3 * ordersPerDay],
    ['inbox', 35, 32 * ordersPerDay],
    ['idempotency_key', 3, ordersPerDay],
    ['external_call', 1, 0],
    ['days of outbox', 8, 8],
    ['days of inbox', 40, 38],
  ])('M31 reach a plateau: %s, from day %i on, at most %i', (name, fromDay, most) => {
    const plateau = figures.slice(fromDay - 1).map((each) => each[name] ?? -1);

    expect(new Set(plateau).size).toBe(1);
    expect(plateau[0]).toBeLessThanOrEqual(most);
  });

  it.each(['event', 'stream'])('M31 grow with every order where that is intended: %s', (name) => {
    for (const day of [10, 40, 80]) expect(after(day)[name]).toBe(day * ordersPerDay);
  });
});
