import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientError, Producer } from '@millrace/streaming-core/client';
import { until } from '@millrace/test-support/stack';
import { ThreeBrokers } from './three-brokers.ts';

const topic = 'orders';

describe('G06 replication.factor=3, min.insync.replicas=2, acks=all', () => {
  let brokers: ThreeBrokers;
  let producer: Producer;
  const acknowledged: string[] = [];

  beforeAll(async () => {
    brokers = await ThreeBrokers.start();
    await brokers.createTopic(topic, '1:2:3', 'min.insync.replicas=2');
    producer = brokers.producer('orders');
  }, 180_000);
  afterAll(() => brokers?.close());

  async function write(): Promise<void> {
    const value = `record ${acknowledged.length}`;
    await producer.send([{ topic, key: null, value, partition: 0 }]);
    acknowledged.push(value);
  }

  /**
   * Returns true if the broker refuses a single attempt. After a timeout, the record may or may not
   * be on the log.
   */
  const isRefused = (once: Producer, value: string): Promise<boolean> =>
    once.send([{ topic, key: null, value, partition: 0 }]).then(
      () => false,
      ({ errorName }: ClientError) => errorName === 'NOT_ENOUGH_REPLICAS',
    );

  it('A02 keeps writing with one broker dead, refuses writes with two dead, loses nothing, and resumes when one returns (T2)', async () => {
    await write();
    await brokers.cluster.broker(3).kill();
    await write();
    await brokers.cluster.broker(2).kill();
    const once = brokers.producer('once', { retries: 0, deliveryTimeoutMs: 2_000 });
    let tries = 0;
    const refused = () => `try ${tries}`;
    await until('writes to be refused', 60_000, () => {
      tries += 1;
      return isRefused(once, refused());
    });
    // Our client retries until its limit, so that its caller does not notice a short outage.
    const waiting = write();

    await brokers.cluster.broker(2).start();
    await waiting;
    await write();

    const consumer = brokers.consumer({ clientId: 'reader', groupId: 'readers', topics: [topic] });
    const [answer] = await consumer.fetch([{ topic, partition: 0, offset: 0n }]);
    const kept = answer?.records.map(({ value }) => String(value));
    expect(kept?.filter((value) => value.startsWith('record'))).toEqual(acknowledged);
    expect(kept).not.toContain(refused());
    expect(acknowledged).toHaveLength(4);
  });
});
