import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kcat } from '@millrace/testing/kcat';
import { sharedStack, until } from '@millrace/test-support/stack';
import { GroupReader } from './group-reader.ts';
import { StackLog } from './stack-log.ts';

const log = new StackLog(sharedStack());

/**
 * The part of G01 that one node can show; `g01-topic-over-three-brokers.kafka.spec.ts` has the
 * rest.
 */
describe('G01 the same topic on one broker', () => {
  const readers: GroupReader[] = [];
  beforeAll(() => log.newTopic('orders', 3));
  afterAll(async () => {
    await Promise.all(readers.map((reader) => reader.leave()));
    await log.close();
  });

  it('leads all three partitions on that broker', async () => {
    const described = await kcat(['-b', log.bootstrapServers, '-L', '-J', '-t', 'orders']);
    const { brokers, topics } = JSON.parse(described) as {
      brokers: readonly { id: number }[];
      topics: readonly { topic: string; partitions: readonly { partition: number; leader: number }[] }[];
    };
    const [{ id }] = brokers as readonly [{ id: number }];
    expect(
      topics.map(({ topic, partitions }) => [
        topic,
        partitions.map(({ partition, leader }) => [partition, leader]),
      ]),
    ).toEqual([['orders', [0, 1, 2].map((partition) => [partition, id])]]);
  });

  it('delivers 123, 456 and 789 from two foreign producers once each, to the member of order-processors that owns their partition', async () => {
    const positions = new Map<number, bigint>();
    for (const name of ['consumer1', 'consumer2', 'consumer3']) {
      const consumer = log.consumer({
        clientId: name,
        groupId: 'order-processors',
        topics: ['orders'],
        fetchMaxWaitMs: 100,
        sessionTimeoutMs: 30_000,
      });
      readers.push(new GroupReader(name, consumer, positions));
    }
    await Promise.all(readers.map((reader) => reader.start()));
    await until('each consumer to own a partition', 60_000, () =>
      readers.every(({ owns }) => owns.length === 1),
    );
    expect(readers.map(({ owns }) => owns)).toEqual([['P0'], ['P1'], ['P2']]);

    await send('order-service', 123, 0);
    await send('order-service', 456, 1);
    await send('checkout-service', 789, 2);

    await until(
      'three orders to be read',
      30_000,
      () => readers.flatMap(({ records }) => records).length >= 3,
    );
    expect(readers.map(({ records }) => records.map(({ value }) => String(value)))).toEqual([
      ['{"order_id":123}'],
      ['{"order_id":456}'],
      ['{"order_id":789}'],
    ]);
  });
});

const send = (service: string, orderId: number, partition: number) =>
  kcat(
    ['-b', log.bootstrapServers, '-P', '-t', 'orders', '-p', String(partition), '-X', `client.id=${service}`],
    `{"order_id":${orderId}}\n`,
  );
