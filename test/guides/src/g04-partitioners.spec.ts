import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  connectProducer,
  roundRobinPartitioner,
  type Partitioner,
  type Producer,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { readTopic } from '@millrace/testing/kcat';
import { runPython } from '@millrace/test-support/python';
import { sharedStack } from '@millrace/test-support/stack';
import { StackLog } from './stack-log.ts';

const log = new StackLog(sharedStack());
const nineEvents = Array.from({ length: 9 }, (_, index) => `event${index + 1}`);
const inRotation = [
  ['event1', 'event4', 'event7'],
  ['event2', 'event5', 'event8'],
  ['event3', 'event6', 'event9'],
];

describe('G04 records without a key, and a custom partitioner', () => {
  const producers: Producer[] = [];
  afterEach(() => Promise.all(producers.splice(0).map((producer) => producer.close())));
  afterAll(() => log.close());

  /** Connects a producer with this partitioner, on an empty `user-events` with three partitions. */
  async function producerWith(partitioner?: Partitioner): Promise<Producer> {
    await log.newTopic('user-events', 3);
    const producer = connectProducer({
      bootstrapServers: [log.bootstrapServers],
      clientId: 'user-events',
      logger: silentLogger,
      partitioner,
    });
    producers.push(producer);
    return producer;
  }

  /** The values of each partition, as a foreign client reads them. */
  async function byPartition(topic = 'user-events'): Promise<readonly (readonly string[])[]> {
    const records = await readTopic(log.bootstrapServers, topic);
    return [0, 1, 2].map((wanted) =>
      records.filter(({ partition }) => partition === wanted).map(({ value }) => value),
    );
  }

  const event = (value: string, key: string | null = null) => ({ topic: 'user-events', key, value });

  it('round robin puts event1, 4, 7 on P0, event2, 5, 8 on P1 and event3, 6, 9 on P2, in one send or in nine', async () => {
    const atOnce = await producerWith(roundRobinPartitioner());
    await atOnce.send(nineEvents.map((value) => event(value)));
    expect(await byPartition()).toEqual(inRotation);

    const oneByOne = await producerWith(roundRobinPartitioner());
    for (const value of nineEvents) await oneByOne.send([event(value)]);
    expect(await byPartition()).toEqual(inRotation);
  });

  it('sticky, the default, puts records that are sent together into one batch and the next batch on the next partition', async () => {
    const producer = await producerWith();
    for (const from of [0, 3, 6])
      await producer.send(nineEvents.slice(from, from + 3).map((value) => event(value)));

    expect(await byPartition()).toEqual([
      nineEvents.slice(0, 3),
      nineEvents.slice(3, 6),
      nineEvents.slice(6, 9),
    ]);
  });

  it('a custom object with partition(key, all_partitions) is called once per record', async () => {
    const asked: (string | undefined)[] = [];
    const hash = (key: string) => [...key].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7);
    const producer = await producerWith({
      partition(key, allPartitions) {
        asked.push(key?.toString());
        return allPartitions[hash(String(key)) % allPartitions.length] ?? -1;
      },
    });
    const keys = ['user_123', 'user_456', 'user_123'];

    const written = await producer.send(keys.map((key) => event(key, key)));

    expect(asked).toEqual(keys);
    expect(written.map(({ partition }) => partition)).toEqual(keys.map((key) => hash(key) % 3));
  });

  describe('the same by kafka-python', () => {
    let placed: {
      roundRobin: readonly number[];
      sticky: readonly number[];
      custom: readonly number[];
      asked: number;
    };
    beforeAll(async () => {
      const topics = ['user-events', 'user-events-sticky', 'user-events-custom'];
      for (const topic of topics) await log.newTopic(topic, 3);
      placed = JSON.parse(
        await runPython(join(import.meta.dirname, 'python/partitioners.py'), [
          log.bootstrapServers,
          ...topics,
        ]),
      ) as typeof placed;
    });

    it('round robin rotates strictly as well', async () => {
      expect(placed.roundRobin).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
      expect(await byPartition()).toEqual(inRotation);
    });

    it('sticky fills a batch first, so nine events within the linger time land on one partition', () => {
      expect(new Set(placed.sticky).size).toBe(1);
    });

    it('a custom partitioner is called once per record and keeps a key on one partition', () => {
      expect(placed.asked).toBe(9);
      const [user123 = -1, user456 = -1] = placed.custom;
      expect(placed.custom).toEqual([
        user123,
        user456,
        user123,
        user123,
        user456,
        user123,
        user123,
        user456,
        user123,
      ]);
    });
  });
});
