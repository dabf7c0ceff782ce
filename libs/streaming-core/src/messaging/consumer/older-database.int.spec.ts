import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { v7 } from 'uuid';
import { z } from 'zod';
import { untilReached, within } from '@millrace/testing/within';
import {
  connectAdmin,
  connectGroupConsumer,
  connectGroupOffsets,
  connectProducer,
  type GroupOffsets,
  type Producer,
} from '../../client/index.ts';
import { topic } from '../../contract/index.ts';
import { days, silentLogger } from '../../runtime/index.ts';
import { migrate, streamingCoreMigrations } from '../../postgres/index.ts';
import { sample } from '../outbox/relay.bench.ts';
import { appendToOutbox, createRelay, type Relay } from '../outbox/index.ts';
import { readMark } from '../outbox/published-marks.ts';
import { createConsumerRuntime, type ConsumerRuntime } from './runtime.ts';

const until = within(20_000);

const notes = topic(
  'notes',
  { key: 'key', partitions: 1, retention: days(7) },
  { Noted: z.strictObject({ key: z.string(), number: z.number() }) },
);
const { declaration } = notes;

/** The statement at the end of a refusal. */
const remedyIn = (failure: Error | undefined) => /WITH renamed .*$/.exec(failure?.message ?? '')?.[0] ?? '';

/**
 * Uses a real broker. A copy of a database plays the part of a backup that is restored while the
 * log has moved on.
 */
describe('a database that was restored from a backup older than the log', () => {
  let broker: TestBroker;
  let producer: Producer;
  let marks: GroupOffsets;
  let newer: TestDatabase;
  let restored: TestDatabase;
  const parts: Array<Relay | ConsumerRuntime> = [];
  const limits = { retryDelayMsMin: 1, retryDelayMsMax: 20, markDelayMs: 5 };

  const connection = () => ({
    bootstrapServers: [broker.bootstrapServers],
    clientId: 'test',
    logger: silentLogger,
  });

  function relay(database: TestDatabase): Relay {
    const made = createRelay({ database: database.sql, producer, marks, holder: v7(), limits });
    parts.push(made);
    made.start();
    return made;
  }

  async function consumer(database: TestDatabase): Promise<ConsumerRuntime> {
    const made = createConsumerRuntime({
      group: 'clerk',
      consumer: connectGroupConsumer({ ...connection(), groupId: 'clerk', topics: [declaration.name] }),
      database: database.sql,
      handlers: [
        {
          message: notes.Noted,
          async handle({ number }, { transaction }) {
            await transaction.query('INSERT INTO effect (number) VALUES ($1)', [number]);
          },
        },
      ],
      limits: { ...limits, commitDelayMs: 5, refusedRetryMs: 20 },
    });
    parts.push(made);
    await made.start();
    return made;
  }

  const write = (database: TestDatabase, ...numbers: number[]) =>
    database.sql.transaction((transaction) =>
      appendToOutbox(
        transaction,
        numbers.map((number) => sample(number, { key: `k${number}` })),
      ),
    );

  const effects = async (database: TestDatabase) =>
    (await database.sql.query<{ number: number }>('SELECT number FROM effect ORDER BY id')).rows.map(
      ({ number }) => number,
    );

  async function stopAll(): Promise<void> {
    await Promise.all(parts.splice(0).map((part) => part.stop()));
  }

  async function recordsOnLog(): Promise<bigint | undefined> {
    const reader = connectGroupConsumer({ ...connection(), groupId: 'reader', topics: [declaration.name] });
    const [end] = await reader.endOffsets([{ topic: declaration.name, partition: 0 }]);
    await reader.close();
    return end?.offset;
  }

  /** Checks that the relay of the newer database has left its mark, which follows the message. */
  const newerHasMarked = (position: bigint) => async () => {
    const { rows } = await newer.sql.query<{ id: string }>('SELECT id FROM store_incarnation');
    return (await marks.committed()).some(({ metadata }) => {
      const mark = readMark(metadata);
      return mark?.storeId === rows[0]?.id && mark?.position === position;
    });
  };

  beforeAll(async () => {
    broker = await startTestBroker();
    producer = connectProducer(connection());
    marks = connectGroupOffsets({ ...connection(), groupId: 'clerk-relay' });
  });
  afterAll(async () => {
    await Promise.all([producer.close(), marks.close()]);
    await broker.stop();
  });

  /** Message 1 is in both databases, and message 2 only in the newer one and on the log. */
  beforeEach(async () => {
    const admin = connectAdmin(connection());
    await admin.deleteTopics([declaration.name]);
    await admin.createTopics([declaration]);
    await admin.close();
    newer = await createTestDatabase();
    await migrate(newer.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    await newer.sql.query('CREATE TABLE effect (id serial, number int)');
    await Promise.all([relay(newer), consumer(newer), write(newer, 1)]);
    await untilReached(async () => (await effects(newer)).length, 1);
    await stopAll();
    restored = await newer.copy();
    await Promise.all([relay(newer), consumer(newer), write(newer, 2)]);
    await untilReached(async () => (await effects(newer)).length, 2);
  });
  afterEach(async () => {
    await stopAll();
    await Promise.all([newer.drop(), restored.drop()]);
  });

  it('M44 is refused by its consumer, which handles the messages again once the remedy is applied', async () => {
    await stopAll();
    const refused = await consumer(restored);
    await until(() => refused.status()[0]?.state === 'refused');
    const failure = refused.status()[0]?.failure;

    expect(failure).toMatchObject({
      code: 'offset_refused',
      message: expect.stringMatching(/up to offset 2, but the database is at 1: .* older than the log/),
    });
    expect(await effects(restored)).toEqual([1]);

    await restored.sql.query(remedyIn(failure));
    await untilReached(async () => (await effects(restored)).length, 2);
    expect(refused.status()[0]).toMatchObject({ state: 'open', failure: undefined });
  });

  it('M44 is refused by its relay, which publishes nothing until the remedy is applied', async () => {
    await stopAll();
    await write(restored, 3, 4);
    const refused = relay(restored);
    await until(async () => (await refused.status()).failure !== undefined);
    const { failure } = await refused.status();

    expect(failure).toMatchObject({
      code: 'cursor_refused',
      message: expect.stringMatching(/has already published up to position 2 .* older than the log/),
    });
    expect(await recordsOnLog()).toBe(2n);

    await restored.sql.query(remedyIn(failure));
    await until(async () => (await recordsOnLog()) === 4n);
    await until(async () => (await refused.status()).failure === undefined);
  });

  it('M44 is refused while the relay and the consumer of the newer database continue', async () => {
    await until(newerHasMarked(2n), 'the mark of message 2');
    const other = relay(restored);
    await until(async () => (await other.status()).failure !== undefined);
    await write(newer, 3);
    await untilReached(async () => (await effects(newer)).length, 3);

    expect((await other.status()).failure).toMatchObject({ code: 'cursor_refused' });
    expect(await recordsOnLog()).toBe(3n);
  });

  it('M45 is not confused with a new log, on which both databases continue', async () => {
    await stopAll();
    const admin = connectAdmin(connection());
    await admin.deleteTopics([declaration.name]);
    await admin.createTopics([declaration]);
    await admin.close();
    await restored.sql.query('DELETE FROM consumer_offset');
    const [accepted] = await Promise.all([consumer(restored), relay(restored), write(restored, 3)]);
    await untilReached(async () => (await effects(restored)).length, 2);

    expect(accepted.status()[0]).toMatchObject({ state: 'open', failure: undefined });
    expect(await effects(restored)).toEqual([1, 3]);
  });
});
