import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/test-support/stack';
import { GroupReader } from './group-reader.ts';
import { ThreeBrokers } from './three-brokers.ts';

const groupId = 'order-processors';

describe('G01 a topic over three brokers', () => {
  let brokers: ThreeBrokers;
  const readers: GroupReader[] = [];

  beforeAll(async () => {
    brokers = await ThreeBrokers.start();
    await brokers.createTopic('orders', '1:2:3,2:3:1,3:1:2');
  }, 180_000);
  afterAll(async () => {
    await Promise.all(readers.map((reader) => reader.leave()));
    await brokers?.close();
  });

  it('spreads the leaders of its partitions over brokers 1, 2 and 3 and keeps every partition on all of them', async () => {
    const partitions = await brokers.describe('orders');
    expect(partitions.map(({ leader }) => leader)).toEqual([1, 2, 3]);
    expect(partitions.map(({ inSync }) => inSync)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it('delivers 123, 456 and 789 on P0, P1 and P2 once each, to the consumer of their partition (T1: pinned)', async () => {
    const orderService = brokers.producer('order-service');
    const checkoutService = brokers.producer('checkout-service');
    const positions = new Map<number, bigint>();
    for (const name of ['consumer1', 'consumer2', 'consumer3'])
      readers.push(
        new GroupReader(name, brokers.consumer({ clientId: name, groupId, topics: ['orders'] }), positions),
      );
    await Promise.all(readers.map((reader) => reader.start()));
    await until('each consumer to own a partition', 60_000, () =>
      readers.every(({ owns }) => owns.length === 1),
    );
    expect(readers.map(({ owns }) => owns)).toEqual([['P0'], ['P1'], ['P2']]);

    const order = (orderId: number, partition: number) => ({
      topic: 'orders',
      key: null,
      value: JSON.stringify({ order_id: orderId }),
      partition,
    });
    await orderService.send([order(123, 0), order(456, 1)]);
    await checkoutService.send([order(789, 2)]);

    await until(
      'three orders to be read',
      60_000,
      () => readers.flatMap(({ records }) => records).length >= 3,
    );
    expect(readers.map(({ records }) => records.map(({ value }) => String(value)))).toEqual([
      ['{"order_id":123}'],
      ['{"order_id":456}'],
      ['{"order_id":789}'],
    ]);
  });

  it('puts the keys 123, 456 and 789 where their hash says: P2, P2, P1 (T1: hashed)', async () => {
    const written = await brokers
      .producer('hashing')
      .send(['123', '456', '789'].map((key) => ({ topic: 'orders', key, value: '{}' })));
    expect(written.map(({ partition }) => partition)).toEqual([2, 2, 1]);
  });
});
