import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findErrorBy, ProduceAcks, Producer as RawProducer, type ProtocolError } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBroker, type Broker } from '@millrace/streaming-core/broker';
import { connectAdmin, type Admin } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';

/**
 * The number of the error that the broker returns to a producer that does not retry. Ours would
 * wait for more replicas.
 */
const refusalOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (caught: unknown) => findErrorBy<ProtocolError>(caught as Error, 'code', 'PLT_KFK_PROTOCOL')?.apiCode,
  );

describe('G06 durability settings on the embedded broker, which is one node', () => {
  let folder: string;
  let broker: Broker;
  let admin: Admin;
  let producer: RawProducer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-single-node-'));
    broker = await startBroker({ dataFolder: folder, port: 0 });
    const bootstrapServers = [`127.0.0.1:${broker.port}`];
    admin = connectAdmin({ clientId: 'operator', bootstrapServers, logger: silentLogger });
    producer = new RawProducer({ clientId: 'foreign', bootstrapBrokers: bootstrapServers, retries: 0 });
  });
  afterAll(async () => {
    await Promise.all([admin.close(), producer.close()]);
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
    const message = { topic, partition: 0, value: Buffer.from('1') };

    expect(await refusalOf(producer.send({ messages: [message], acks: ProduceAcks.ALL }))).toBe(19);
    await producer.send({ messages: [message], acks: ProduceAcks.LEADER });
  });
});
