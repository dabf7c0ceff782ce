import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GroupConsumer, Producer } from '@millrace/streaming-core/client';
import { until } from '@millrace/test-support/stack';
import { ThreeBrokers } from './three-brokers.ts';

const topic = 'orders';

describe('G05 replication and in-sync replicas', () => {
  let brokers: ThreeBrokers;
  let producer: Producer;
  let consumer: GroupConsumer;
  /** The values in the order of their acknowledgements; all were sent with acks=all. */
  const acknowledged: string[] = [];

  beforeAll(async () => {
    brokers = await ThreeBrokers.start();
    await brokers.createTopic(topic, '1:2:3', 'min.insync.replicas=2');
    producer = brokers.producer('orders');
    consumer = brokers.consumer({ clientId: 'reader', groupId: 'readers', topics: [topic] });
  }, 180_000);
  afterAll(() => brokers?.close());

  async function write(count: number): Promise<void> {
    const values = Array.from({ length: count }, (_, index) => `record ${acknowledged.length + index}`);
    const written = await producer.send(values.map((value) => ({ topic, key: null, value, partition: 0 })));
    expect(written.map(({ offset }) => Number(offset))).toEqual(
      values.map((_, index) => acknowledged.length + index),
    );
    acknowledged.push(...values);
  }

  /** Everything that a consumer sees from the first offset on. */
  async function read(): Promise<readonly string[]> {
    const values: string[] = [];
    for (let offset = 0n; ;) {
      const [answer] = await consumer.fetch([{ topic, partition: 0, offset }]);
      if (answer?.error !== undefined) throw answer.error;
      if (answer === undefined || answer.records.length === 0) return values;
      values.push(...answer.records.map(({ value }) => String(value)));
      offset = answer.nextOffset;
    }
  }

  it('A05 removes a stopped follower from the ISR and adds it again once it has caught up', async () => {
    await write(99);
    await brokers.cluster.broker(3).kill(); // the follower has offsets 0 to 98
    await write(2); // the leader and the other follower have 0 to 100

    await brokers.partition0Becomes(topic, ({ inSync }) => inSync.join() === '1,2');
    await brokers.cluster.broker(3).start();
    await brokers.partition0Becomes(topic, ({ inSync }) => inSync.join() === '1,2,3');
    expect(await read()).toEqual(acknowledged);
  });

  it('A05 shows no consumer a record that the followers do not have', async () => {
    const followers = [brokers.cluster.broker(2), brokers.cluster.broker(3)];
    const toLeader = brokers.producer('acks-1', { acks: 1 });
    followers.forEach((follower) => follower.freeze());
    try {
      await toLeader.send([{ topic, key: null, value: 'only on the leader', partition: 0 }]);
      expect(await read()).toEqual(acknowledged);
    } finally {
      followers.forEach((follower) => follower.thaw());
    }
    acknowledged.push('only on the leader');
    await until(
      'the record to be committed',
      60_000,
      async () => (await read()).length === acknowledged.length,
    );
  });

  it('lets a follower in the ISR take over from a killed leader without losing an acknowledged record', async () => {
    await brokers.partition0Becomes(topic, ({ inSync }) => inSync.join() === '1,2,3');
    await brokers.cluster.broker(1).kill();
    const { leader } = await brokers.partition0Becomes(topic, (partition) => partition.leader > 1);
    expect([2, 3]).toContain(leader);

    await write(10);
    expect(await read()).toEqual(acknowledged);
  });
});
