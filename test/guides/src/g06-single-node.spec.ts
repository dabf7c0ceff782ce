import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBroker, type Broker } from '@millrace/streaming-core/broker';
import { connectAdmin, connectProducer, type Admin } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';

describe('G06 durability settings on the embedded broker, which is one node', () => {
  let folder: string;
  let broker: Broker;
  let admin: Admin;
  const connection = () => ({
    clientId: 'operator',
    bootstrapServers: [`127.0.0.1:${broker.port}`],
    logger: silentLogger,
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-single-node-'));
    broker = await startBroker({ dataFolder: folder, port: 0 });
    admin = connectAdmin(connection());
  });
  afterAll(async () => {
    await admin.close();
    await broker.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('rejects a topic with three replicas (error 38) and names Apache Kafka as the remedy', async () => {
    const creating = admin.topics.create([{ name: 'orders', partitions: 1, replicationFactor: 3 }]);
    await expect(creating).rejects.toMatchObject({ code: 'replication_factor' });
    await expect(creating).rejects.toThrow(/INVALID_REPLICATION_FACTOR: .*Apache Kafka/);
  });

  it('rejects acks=all (error 19) when the topic requires two replicas in sync', async () => {
    const topic = 'payments';
    await admin.topics.create([{ name: topic, partitions: 1, configs: { 'min.insync.replicas': '2' } }]);
    const records = [{ topic, key: null, value: '1', partition: 0 }];
    // By default, our client would wait for more replicas.
    await using single = connectProducer({ ...connection(), retries: 0 });
    await using careless = connectProducer({ ...connection(), acks: 1 });

    await expect(single.send(records)).rejects.toMatchObject({ errorName: 'NOT_ENOUGH_REPLICAS' });
    await careless.send(records);
  });
});
