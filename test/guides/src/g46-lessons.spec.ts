import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  connectAdmin,
  connectConsumer,
  connectProducer,
  type Admin,
  type ConnectionOptions,
  type Consumer,
  type FetchedRecord,
  type Producer,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { until } from '@millrace/testing/within';
import { runTopology } from './run-topology.ts';
import { transform } from './topologies/transform.ts';

let broker: TestBroker;
let connection: ConnectionOptions;
let admin: Admin;
let producer: Producer;

beforeAll(async () => {
  broker = await startTestBroker();
  connection = { bootstrapServers: [broker.bootstrapServers], clientId: 'lessons', logger: silentLogger };
  admin = connectAdmin(connection);
  producer = connectProducer(connection);
}, 120_000);
afterAll(async () => {
  await producer?.close();
  await admin?.close();
  await broker?.stop();
});

describe('G46 the first steps', () => {
  it('are a topic, a producer that gets an offset, a consumer, and a commit that moves its group', async () => {
    const topic = await newTopic(1);

    const [written] = await producer.send([{ topic, key: 'user123', value: 'click' }]);
    expect(written?.offset).toBe(0n);

    await using consumer = member(topic, 'analytics-group');
    const [record] = await take(consumer, 1);
    expect(String(record?.value)).toBe('click');

    await consumer.commit(record);
    expect(await consumer.committed([{ topic, partition: 0 }])).toMatchObject([{ offset: 1n }]);
  });
});

describe('G46 questions', () => {
  it('is a topic kept in one place? No, in partitions, each with offsets of its own', async () => {
    const topic = await newTopic(3);
    const written = await write(topic, ['a', 'b', 'c'], (index) => index);

    expect(written.map(({ partition, offset }) => `P${partition} ${offset}`)).toEqual([
      'P0 0',
      'P1 0',
      'P2 0',
    ]);
  });

  it('can past events be read? Yes, by a group that begins today', async () => {
    const topic = await newTopic(1);
    await write(topic, ['old', 'older']);

    await using today = member(topic, 'began-today');
    expect(valuesOf(await take(today, 2))).toEqual(['old', 'older']);
  });

  it('can events be changed on their way? No, but a topology can write changed ones to another topic', async () => {
    const [input, output] = ['input-topic', 'output-topic'] as const;
    await createTopic(input, 1);
    await createTopic(output, 1);
    await write(input, ['click']);
    await using _app = await runTopology(transform(), broker.bootstrapServers);

    await using after = member(output, 'after');
    expect(valuesOf(await take(after, 1))).toEqual(['CLICK']);
    await using before = member(input, 'before');
    expect(valuesOf(await take(before, 1))).toEqual(['click']);
  });

  it('does a server that goes away lose events? None that it has acknowledged', async () => {
    const topic = await newTopic(1);
    await write(topic, ['acknowledged']);

    const comeBack = await broker.lose();
    await comeBack();

    await using consumer = member(topic, 'after-the-crash');
    expect(valuesOf(await take(consumer, 1))).toEqual(['acknowledged']);
  });
});

describe('G46 wrong beliefs', () => {
  it('"reading deletes": the next group reads the same', async () => {
    const topic = await newTopic(1);
    await write(topic, ['a', 'b']);

    for (const group of ['first', 'second']) {
      await using consumer = member(topic, group);
      expect(valuesOf(await take(consumer, 2))).toEqual(['a', 'b']);
      await consumer.commit();
    }
  });

  it('"order is global": a reader of one partition after the other sees another order than was written', async () => {
    const topic = await newTopic(2);
    await write(topic, ['1', '2', '3', '4'], (index) => index % 2);

    await using consumer = member(topic, 'one-after-the-other');
    await consumer.start();
    const other = [{ topic, partition: 1 }];
    consumer.pause(other);
    const first = await take(consumer, 2);
    consumer.resume(other);
    const read = valuesOf([...first, ...(await take(consumer, 2))]);

    expect(read).toEqual(['1', '3', '2', '4']);
    expect(read.filter((value) => Number(value) % 2 === 1)).toEqual(['1', '3']); // in order per partition
  });

  it('"consumers must stay connected": one that was away continues where its group stood', async () => {
    const topic = await newTopic(1);
    await write(topic, ['a', 'b']);
    {
      await using consumer = member(topic, 'away');
      await take(consumer, 2);
      await consumer.commit();
    }
    await write(topic, ['c']);

    await using consumer = member(topic, 'away');
    expect(valuesOf(await take(consumer, 1))).toEqual(['c']);
  });
});

describe('G46 mistakes', () => {
  it('one partition for everything: of three consumers two are idle, and with six partitions none', async () => {
    expect(await sharesOfThree(1)).toEqual([0, 0, 1]);
    expect(await sharesOfThree(6)).toEqual([2, 2, 2]);
  });

  it('offsets that are never committed: the next process handles everything again', async () => {
    const topic = await newTopic(1);
    await write(topic, ['a', 'b']);
    {
      await using consumer = member(topic, 'forgetful');
      await take(consumer, 2);
    }

    await using next = member(topic, 'forgetful');
    expect(valuesOf(await take(next, 2))).toEqual(['a', 'b']);
  });

  it('an offset that is committed before its record is handled: a crash in between loses the record', async () => {
    const topic = await newTopic(1);
    await write(topic, ['a', 'b']);
    {
      await using consumer = member(topic, 'hasty');
      await consumer.commit((await take(consumer, 1))[0]);
      // The process dies here, before it handles the record.
    }

    await using next = member(topic, 'hasty');
    expect(valuesOf(await take(next, 1))).toEqual(['b']);
  });
});

async function newTopic(partitions: number): Promise<string> {
  const topic = `lesson-${randomUUID()}`;
  await createTopic(topic, partitions);
  return topic;
}

const createTopic = (name: string, partitions: number): Promise<void> =>
  admin.createTopics([{ name, partitions, retention: 'unlimited', cleanup: 'delete' }]);

/** Writes values one by one, to partition 0 unless `place` says another. */
async function write(topic: string, values: readonly string[], place = (_index: number) => 0) {
  const written = [];
  for (const [index, value] of values.entries())
    written.push(...(await producer.send([{ topic, key: null, value, partition: place(index) }])));
  return written;
}

/** A consumer that begins at the beginning and commits only when it is told to. */
const member = (topic: string, groupId: string): Consumer =>
  connectConsumer({
    ...connection,
    groupId: `${groupId}-of-${topic}`,
    topics: [topic],
    autoOffsetReset: 'earliest',
    autoCommit: false,
    fetchMaxWaitMs: 100,
  });

async function take(consumer: Consumer, count: number): Promise<readonly FetchedRecord[]> {
  const taken: FetchedRecord[] = [];
  for await (const record of consumer) {
    taken.push(record);
    if (taken.length === count) break;
  }
  return taken;
}

const valuesOf = (records: readonly FetchedRecord[]): readonly string[] =>
  records.map(({ value }) => String(value));

/** The numbers of partitions of three members of a group, the least first, once all partitions are shared. */
async function sharesOfThree(partitions: number): Promise<readonly number[]> {
  const topic = await newTopic(partitions);
  const members = [1, 2, 3].map(() => member(topic, 'team'));
  try {
    await Promise.all(members.map((each) => each.start()));
    const shares = () => members.map(({ assignment }) => assignment.length).sort();
    const even = Math.ceil(partitions / members.length);
    return await until(
      shares,
      (found) => found.reduce((sum, share) => sum + share) === partitions && Math.max(...found) === even,
      60_000,
    );
  } finally {
    await Promise.all(members.map((each) => each.close()));
  }
}
