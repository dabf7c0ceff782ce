import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { within } from '@millrace/testing/within';
import { v7 } from 'uuid';
import { z } from 'zod';
import {
  connectAdmin,
  connectGroupConsumer,
  connectProducer,
  type Admin,
  type Producer,
} from '../../client/index.ts';
import { topic } from '../../contract/index.ts';
import { days, hours, minutes, silentLogger } from '../../runtime/index.ts';
import { migrate, streamingCoreMigrations } from '../../postgres/index.ts';
import { offsetsSince } from './consumer-start.ts';
import { createConsumerRuntime, type ConsumerRuntime } from './runtime.ts';

const until = within(20_000);

describe('a group that begins to read a topic', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let connection: { bootstrapServers: string[]; clientId: string; logger: typeof silentLogger };
  let admin: Admin;
  let producer: Producer;
  let notes: ReturnType<typeof declare>;
  let group: string;
  const runtimes: ConsumerRuntime[] = [];
  const since = Date.now() - days(30);

  const declare = (name: string) =>
    topic(
      name,
      { key: 'key', partitions: 2, retention: 'unlimited' },
      { Noted: z.strictObject({ key: z.string(), number: z.number() }) },
    );

  async function run(reader = group): Promise<ConsumerRuntime> {
    const runtime = createConsumerRuntime({
      group: reader,
      consumer: connectGroupConsumer({
        ...connection,
        groupId: reader,
        topics: [notes.declaration.name],
        fetchMaxWaitMs: 100,
      }),
      database: database.sql,
      handlers: [
        {
          message: notes.Noted,
          handle: async ({ number }, { transaction }) =>
            void (await transaction.query('INSERT INTO effect (grp, number) VALUES ($1, $2)', [
              reader,
              number,
            ])),
        },
      ],
    });
    runtimes.push(runtime);
    await runtime.start();
    return runtime;
  }

  const stopAll = () => Promise.all(runtimes.splice(0).map((runtime) => runtime.stop()));

  const record = (number: number, timestampMs: number, partition: number) => ({
    topic: notes.declaration.name,
    partition,
    key: 'k',
    value: JSON.stringify({ type: 'Noted', key: 'k', number }),
    timestampMs,
    headers: { ce_specversion: '1.0', ce_id: v7(), ce_type: 'Noted', ce_source: '/millrace/test' },
  });

  const note = (number: number, timestampMs: number, partition = 0) =>
    producer.send([record(number, timestampMs, partition)]);

  /** Writes the notes 1, 2 and so on, with these times, as one batch. */
  const noteTogether = (...timesMs: readonly number[]) =>
    producer.send(timesMs.map((timestampMs, index) => record(index + 1, timestampMs, 0)));

  const deleteBefore = (offset: bigint) =>
    admin.records.delete([{ topic: notes.declaration.name, partition: 0, offset }]);

  const startAt = (timestampMs: number) =>
    database.sql.query('INSERT INTO consumer_start (consumer_group, topic, since) VALUES ($1, $2, $3)', [
      group,
      notes.declaration.name,
      new Date(timestampMs).toISOString(),
    ]);

  const effects = async (reader = group) =>
    (
      await database.sql.query<{ number: number }>(
        'SELECT number FROM effect WHERE grp = $1 ORDER BY number',
        [reader],
      )
    ).rows.map(({ number }) => number);

  const handled = (numbers: readonly number[], reader = group) =>
    until(async () => JSON.stringify(await effects(reader)) === JSON.stringify(numbers));

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.sql, [{ library: 'streaming-core', folder: streamingCoreMigrations }]);
    await database.sql.query('CREATE TABLE effect (grp text, number int)');
    broker = await startTestBroker();
    connection = {
      bootstrapServers: [broker.bootstrapServers],
      clientId: 'consumer-start',
      logger: silentLogger,
    };
    admin = connectAdmin(connection);
    producer = connectProducer(connection);
  });
  beforeEach(async () => {
    notes = declare(`notes-${v7()}`);
    group = `group-${v7()}`;
    await admin.createTopics([notes.declaration]);
  });
  afterEach(stopAll);
  afterAll(async () => {
    await producer.close();
    await admin.close();
    await broker.stop();
    await database.drop();
  });

  it('M54 handles no message from before its moment and each one from then on', async () => {
    await note(1, since - days(400));
    await note(2, since - hours(2));
    await note(3, since);
    await note(4, since + 1);
    await note(5, since - hours(2), 1);
    await startAt(since);
    await run();
    await handled([3, 4]);
    await note(6, Date.now());
    await note(7, Date.now(), 1);

    await handled([3, 4, 6, 7]);
  });

  it('M54 reads an hour more, since the clock of a writer may be behind', async () => {
    await note(1, since - minutes(61));
    await note(2, since - minutes(59));
    await startAt(since);
    await run();

    await handled([2]);
  });

  it('M54 goes on from its offset if it has one', async () => {
    await note(1, since - days(3));
    await run();
    await handled([1]);
    await stopAll();
    await note(2, since - days(2));
    await startAt(since);
    await run();

    await handled([1, 2]);
  });

  it('M54 begins at the first record that retention has left, if that is later than its moment', async () => {
    await noteTogether(since - days(1), since, since + 1, since + 2);
    await deleteBefore(2n);
    await startAt(since);
    await run();
    await handled([3, 4]);
    await note(5, Date.now());

    await handled([3, 4, 5]);
  });

  it('M54 begins at the next record if retention has left none', async () => {
    await noteTogether(since, since + 1);
    await deleteBefore(2n);
    await startAt(since);
    await run();
    await note(3, Date.now());

    await handled([3]);
  });

  it('M10 M54 refuses a topic that was made again, and begins there at its moment once its offset is deleted', async () => {
    await noteTogether(since - days(1), since);
    await startAt(since);
    await run();
    await handled([2]);
    await stopAll();
    await admin.deleteTopics([notes.declaration.name]);
    await admin.createTopics([notes.declaration]);
    await note(3, since - days(1));
    await note(4, since);
    const runtime = await run();
    const refusal = () => runtime.status().find(({ state }) => state === 'refused')?.failure?.message;
    await until(() => refusal() !== undefined);
    expect(await effects()).toEqual([2]);

    await database.sql.query(/DELETE .*/.exec(refusal() ?? '')?.[0] ?? '');
    await stopAll();
    await run();
    await handled([2, 4]);
  });

  it('reads from the beginning without a moment, or with one of another group', async () => {
    await note(1, since - days(3));
    await startAt(since);
    await run(`${group}-projector`);

    await handled([1], `${group}-projector`);
  });
});

describe('the offsets from a moment on', () => {
  it('M54 leave out no record that arrives while the log is asked', async () => {
    const at = { topic: 'notes', partition: 0 };
    const times = [1, 2, 3];
    let answers = 0;
    const arriving = () => {
      answers += 1;
      if (answers === 1) times.push(hours(5));
    };
    const log: Parameters<typeof offsetsSince>[0] = {
      async endOffsets() {
        const offset = BigInt(times.length);
        arriving();
        return [{ ...at, offset }];
      },
      async offsetsForTimes([wanted]) {
        const index = times.findIndex((time) => time >= wanted!.timestampMs);
        arriving();
        return [index < 0 ? undefined : { ...at, offset: BigInt(index), timestampMs: times[index]! }];
      },
    };

    expect(await offsetsSince(log, [{ ...at, timestampMs: hours(4) }])).toEqual([{ ...at, offset: 3n }]);
  });
});
