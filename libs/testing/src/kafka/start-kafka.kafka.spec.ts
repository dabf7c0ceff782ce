import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAdmin, connectProducer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { kafkaTool } from './kafka-tool.ts';
import { startKafka, type Kafka } from './start-kafka.ts';

const topic = {
  name: 'orders',
  key: 'id',
  partitions: 3,
  retention: 'unlimited',
  cleanup: 'delete',
} as const;

describe('one node of Apache Kafka', () => {
  let kafka: Kafka;

  beforeAll(async () => {
    kafka = await startKafka();
  }, 180_000);

  afterAll(() => kafka?.stop());

  const connection = () => ({
    bootstrapServers: kafka.bootstrapServers,
    clientId: 'test',
    logger: silentLogger,
  });

  const offsets = async () =>
    (
      await kafkaTool('GetOffsetShell', [
        '--bootstrap-server',
        kafka.bootstrapServers[0] ?? '',
        '--topic',
        'orders',
      ])
    )
      .trim()
      .split('\n');

  it('comes back after a kill -9 at its address, with its data', async () => {
    const admin = connectAdmin(connection());
    const producer = connectProducer(connection());
    await admin.createTopics([topic]);
    await producer.send([{ topic: 'orders', key: 'a', value: '1', partition: 0 }]);

    await kafka.control.kill();
    expect(kafka.control.pid).toBeUndefined();
    await kafka.control.start();

    await producer.send([{ topic: 'orders', key: 'a', value: '2', partition: 0 }]);
    expect(await offsets()).toEqual(['orders:0:2', 'orders:1:0', 'orders:2:0']);
    await Promise.all([admin.close(), producer.close()]);
  });

  it('answers nobody while it is frozen', async () => {
    const admin = connectAdmin({ ...connection(), requestTimeoutMs: 500, connectTimeoutMs: 500 });
    kafka.control.freeze();
    expect(await admin.ping()).toBe(false);
    kafka.control.thaw();
    await admin.waitUntilReachable(30_000);
    await admin.close();
  });

  it('reports why it does not start', async () => {
    const starting = startKafka({ settings: { 'log.retention.ms': 'soon' } });
    await expect(starting).rejects.toThrow(/log\.retention\.ms/);
  });

  it('reports the message of a Kafka tool that fails', async () => {
    const describing = kafkaTool('TopicCommand', [
      '--bootstrap-server',
      kafka.bootstrapServers[0] ?? '',
      '--describe',
      '--topic',
      'none',
    ]);
    await expect(describing).rejects.toThrow(/Topic 'none' does not exist/);
  });
});
