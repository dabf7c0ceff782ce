import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { z } from 'zod';
import { untilReached, within } from '@millrace/testing/within';
import {
  connectAdmin,
  connectGroupConsumer,
  connectProducer,
  type GroupConsumer,
  type Producer,
} from '../../client/index.ts';
import { topic } from '../../contract/index.ts';
import { days, silentLogger } from '../../runtime/index.ts';
import { appendToOutbox, createRelay, type Relay, type RelayOptions } from '../outbox/index.ts';
import { advanceCursor } from '../outbox/relay.sql.ts';
import { migrate, streamingCoreMigrations, type SqlDatabase } from '../../postgres/index.ts';
import { createConsumerRuntime, type ConsumerRuntime } from './runtime.ts';
import type { MessageHandler } from './message-handler.ts';

const keys = ['ada', 'bob', 'cyd', 'dan', 'eve'];

const until = within(20_000);

describe('from outbox to effect, over the broker', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let connection: { bootstrapServers: string[]; clientId: string; logger: typeof silentLogger };
  let producer: Producer;
  let notes: ReturnType<typeof declare>;
  let group: string;
  const relays: Relay[] = [];
  const runtimes: ConsumerRuntime[] = [];

  const declare = (name: string) =>
    topic(
      name,
      { key: 'key', partitions: 3, retention: days(7) },
      { Noted: z.strictObject({ key: z.string(), number: z.number() }) },
    );

  function relay(options: Partial<RelayOptions> = {}): Relay {
    const limits = { leaseMs: 2_000, renewEveryMs: 300, competeEveryMs: 20, ...options.limits };
    const made = createRelay({ database: database.sql, producer, holder: v7(), ...options, limits });
    relays.push(made);
    made.start();
    return made;
  }

  function runtime(options: { database?: SqlDatabase; before?: (number: number) => Promise<void> } = {}): {
    made: ConsumerRuntime;
    consumer: GroupConsumer;
  } {
    const consumer = connectGroupConsumer({
      ...connection,
      groupId: group,
      topics: [notes.declaration.name],
      sessionTimeoutMs: 6_000,
    });
    const handler: MessageHandler = {
      message: notes.Noted,
      async handle(message, { key, transaction }) {
        await options.before?.(Number(message.number));
        await transaction.query('INSERT INTO effect (grp, key, number) VALUES ($1, $2, $3)', [
          group,
          key,
          message.number,
        ]);
      },
    };
    const made = createConsumerRuntime({
      group,
      consumer,
      database: options.database ?? database.sql,
      handlers: [handler],
      limits: { retryDelayMsMin: 10, retryDelayMsMax: 100, drainTimeoutMs: 1_000 },
    });
    runtimes.push(made);
    return { made, consumer };
  }

  const write = (from: number, to: number) =>
    database.sql.transaction((transaction) =>
      appendToOutbox(
        transaction,
        Array.from({ length: to - from + 1 }, (_, index) => {
          const key = keys[(from + index) % keys.length] ?? 'ada';
          return {
            topic: notes.declaration.name,
            key,
            message: notes.Noted({ key, number: from + index }),
            attributes: {
              id: v7(),
              source: '/millrace/test',
              type: 'Noted',
              time: new Date().toISOString(),
              subject: key,
              dataSchema: '/schemas/notes/Noted/1',
              correlationId: 'story',
              causationId: 'cause',
            },
          };
        }),
      ),
    );

  const effects = async () =>
    (
      await database.sql.query<{ key: string; number: number }>(
        'SELECT key, number FROM effect WHERE grp = $1 ORDER BY id',
        [group],
      )
    ).rows;

  const effectCount = async () =>
    Number(
      (await database.sql.query<{ count: string }>('SELECT count(*) FROM effect WHERE grp = $1', [group]))
        .rows[0]?.count,
    );

  async function recordsOnLog(consumer: GroupConsumer): Promise<number> {
    const ends = await consumer.endOffsets(
      [0, 1, 2].map((partition) => ({ topic: notes.declaration.name, partition })),
    );
    return ends.reduce((sum, { offset }) => sum + Number(offset), 0);
  }

  /** Expects every number once, in ascending order within a key. */
  async function expectEachOnceInOrder(count: number): Promise<void> {
    const rows = await effects();
    expect(rows.map(({ number }) => number).sort((left, right) => left - right)).toEqual(
      Array.from({ length: count }, (_, n) => n + 1),
    );
    for (const key of keys) {
      const own = rows.filter((row) => row.key === key).map(({ number }) => number);
      expect(own).toEqual([...own].sort((left, right) => left - right));
    }
  }

  beforeAll(async () => {
    broker = await startTestBroker();
    connection = { bootstrapServers: [broker.bootstrapServers], clientId: 'test', logger: silentLogger };
    producer = connectProducer(connection);
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    await database.sql.query('CREATE TABLE effect (id serial, grp text, key text, number int)');
  });
  beforeEach(async () => {
    notes = declare(`notes-${v7()}`);
    group = `group-${v7()}`;
    const admin = connectAdmin(connection);
    await admin.createTopics([notes.declaration, declare(`${notes.declaration.name}.dlq`).declaration]);
    await admin.close();
  });
  afterEach(async () => {
    await Promise.all([...relays.splice(0), ...runtimes.splice(0)].map((made) => made.stop()));
  });
  afterAll(async () => {
    await producer.close();
    await broker.stop();
    await database.drop();
  });

  it('M06 each effect happens once, and in order per key', async () => {
    await write(1, 300);
    relay();
    await runtime().made.start();
    await write(301, 500);
    await untilReached(effectCount, 500);

    await expectEachOnceInOrder(500);
  });

  it('M05 each effect happens once even if a relay dies before it moves its cursor and leaves copies on the log', async () => {
    let dead = false;
    let advances = 0;
    const dying: SqlDatabase = {
      transaction: (work) => database.sql.transaction(work),
      async query(text, values) {
        if (text === advanceCursor) advances += 1;
        if (advances === 2) dead = true;
        if (dead) throw new Error('this process is dead');
        return database.sql.query(text, values);
      },
    };
    await write(1, 250);
    relay({
      database: dying,
      limits: { batchRowsMax: 100, retryDelayMsMin: 60_000, retryDelayMsMax: 60_000 },
    });
    const { made, consumer } = runtime();
    await made.start();
    await until(() => dead);
    relay();
    await until(async () => (await recordsOnLog(consumer)) === 350);
    await untilReached(effectCount, 250);
    await until(() => made.status().reduce((sum, { nextOffset }) => sum + Number(nextOffset), 0) === 350);

    await expectEachOnceInOrder(250);
  });

  it('M05 each effect happens once even if a consumer dies in the middle of a batch', async () => {
    let dead = false;
    const dying: SqlDatabase = {
      query: (text, values) =>
        dead ? Promise.reject(new Error('connection terminated')) : database.sql.query(text, values),
      transaction: (work) =>
        database.sql.transaction(async (transaction) => {
          if (dead) throw new Error('connection terminated');
          return work(transaction);
        }),
    };
    await write(1, 200);
    relay();
    const first = runtime({
      database: dying,
      before: async (number) => {
        if (number === 120) dead = true;
        if (dead) throw new Error('connection terminated');
      },
    });
    await first.made.start();
    await until(() => dead);
    await first.made.stop();
    await runtime().made.start();
    await untilReached(effectCount, 200);

    await expectEachOnceInOrder(200);
  });

  it('A07 M06 each effect happens once while members join and leave under load', async () => {
    relay();
    await runtime().made.start();
    await write(1, 400);
    const second = runtime();
    await Promise.all([second.made.start(), write(401, 800)]);
    await write(801, 1_200);
    await second.made.stop();
    await write(1_201, 1_500);
    await untilReached(effectCount, 1_500);

    await expectEachOnceInOrder(1_500);
  });
});
