import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { z } from 'zod';
import { within } from '@millrace/testing/within';
import { topic, type Message } from '../../contract/index.ts';
import { days } from '../../runtime/index.ts';
import { migrate, streamingCoreMigrations } from '../../postgres/index.ts';
import { MemoryGroupConsumer, MemoryLog } from './memory-log.fake.ts';
import { createConsumerRuntime, type ConsumerRuntimeOptions, type ConsumerRuntime } from './runtime.ts';
import type { MessageContext, MessageHandler } from './message-handler.ts';

const declaration = { key: 'key', partitions: 1, retention: days(7) };
export const notes = topic('notes', declaration, {
  Noted: z.strictObject({ key: z.string(), number: z.number() }),
});
export const other = topic('other', declaration, {
  Noted: z.strictObject({ key: z.string(), number: z.number() }),
});

export const until = within(20_000);

export const sqlError = (code: string) => Object.assign(new Error(`SQLSTATE ${code}`), { code });

/** A point at which a handler waits until the test opens it. */
export function gate() {
  let open = () => {};
  let arrive = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  return { arrived, open, pass: () => (arrive(), opened) };
}

/**
 * A database, plus a memory log and a new group for each test. Runtimes are stopped after the test.
 */
export function runtimeBench() {
  const bench = { database: undefined as unknown as TestDatabase, log: new MemoryLog(), group: '' };
  const runtimes: ConsumerRuntime[] = [];

  type Work = (number: number, context: MessageContext) => Promise<void>;

  /** Runs the test's callback and then writes the number of the message. */
  function handler(
    before: Work = async () => undefined,
    message = notes.Noted,
    locks?: MessageHandler['locks'],
  ): MessageHandler {
    return {
      message,
      locks,
      async handle(received: Message, context) {
        const number = Number(received.number);
        await before(number, context);
        await context.transaction.query('INSERT INTO effect (grp, number) VALUES ($1, $2)', [
          bench.group,
          number,
        ]);
      },
    };
  }

  function runtime(
    consumer: MemoryGroupConsumer,
    options: Partial<ConsumerRuntimeOptions> = {},
  ): ConsumerRuntime {
    const limits = {
      retryDelayMsMin: 1,
      retryDelayMsMax: 5,
      commitDelayMs: 5,
      refusedRetryMs: 10,
      drainTimeoutMs: 2_000,
      inPlaceMs: 20_000,
      parkedMs: 0,
      ...options.limits,
    };
    const made = createConsumerRuntime({
      group: bench.group,
      consumer,
      database: bench.database.sql,
      handlers: [handler()],
      ...options,
      limits,
    });
    runtimes.push(made);
    return made;
  }

  const member = (partitions = [{ topic: 'notes', partition: 0 }]) =>
    new MemoryGroupConsumer(bench.log, partitions);
  const note = (number: number, fields = {}, partition = 0) =>
    bench.log.append('notes', { type: 'Noted', key: 'k', number }, fields, partition);
  const effects = async () =>
    (
      await bench.database.sql.query<{ number: number }>(
        'SELECT number FROM effect WHERE grp = $1 ORDER BY id',
        [bench.group],
      )
    ).rows.map(({ number }) => number);
  const offset = async (topicName = 'notes', partition = 0) =>
    (
      await bench.database.sql.query<{ next_offset: string }>(
        'SELECT next_offset FROM consumer_offset WHERE consumer_group = $1 AND topic = $2 AND partition = $3',
        [bench.group, topicName, partition],
      )
    ).rows[0]?.next_offset;
  const deadLetters = async () =>
    (
      await bench.database.sql.query<{
        topic: string;
        key: string;
        payload: string;
        headers: Record<string, string>;
      }>(
        "SELECT topic, key, payload, headers FROM outbox WHERE headers ->> 'dlq_group' = $1 ORDER BY position",
        [bench.group],
      )
    ).rows;
  const inboxed = async (id: string) =>
    (
      await bench.database.sql.query('SELECT 1 FROM inbox WHERE consumer_group = $1 AND id = $2', [
        bench.group,
        id,
      ])
    ).rowCount;

  beforeAll(async () => {
    bench.database = await createTestDatabase();
    await migrate(bench.database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    await bench.database.sql.query('CREATE TABLE effect (id serial, grp text, number int)');
  });
  beforeEach(() => {
    bench.group = `group-${v7()}`;
    bench.log = new MemoryLog();
    bench.log.create('notes', 2);
    bench.log.create('other');
  });
  afterEach(async () => {
    await Promise.all(runtimes.splice(0).map((made) => made.stop()));
  });
  afterAll(() => bench.database.drop());
  return Object.assign(bench, { handler, runtime, member, note, effects, offset, deadLetters, inboxed });
}

/** Waits until a session of this database waits for a lock. */
export async function waitForLock(database: TestDatabase): Promise<void> {
  const statement =
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
  await until(async () => (await database.sql.query(statement)).rowCount > 0);
}
