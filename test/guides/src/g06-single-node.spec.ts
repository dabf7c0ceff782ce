import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Admin,
  findErrorBy,
  ProduceAcks,
  Producer as RawProducer,
  type ProtocolError,
} from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startBroker, type Broker } from '@millrace/streaming-core/broker';

/** The number and the text of the error that the broker returns to a foreign client. */
async function refusalOf(
  call: Promise<unknown>,
): Promise<{ readonly code: unknown; readonly message: unknown }> {
  const error = await call.then(
    () => undefined,
    (caught: unknown) => findErrorBy<ProtocolError>(caught as Error, 'code', 'PLT_KFK_PROTOCOL'),
  );
  return { code: error?.apiCode, message: error?.serverErrorMessage };
}

describe('G06 durability settings on the embedded broker, which is one node', () => {
  let folder: string;
  let broker: Broker;
  let admin: Admin;
  let producer: RawProducer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-single-node-'));
    broker = await startBroker({ dataFolder: folder, port: 0 });
    const client = { clientId: 'foreign', bootstrapBrokers: [`127.0.0.1:${broker.port}`], retries: 0 };
    admin = new Admin(client);
    producer = new RawProducer(client);
  });
  afterAll(async () => {
    await Promise.all([admin.close(), producer.close()]);
    await broker.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('rejects a topic with three replicas (error 38) and names Apache Kafka as the remedy', async () => {
    const creating = admin.createTopics({ topics: ['orders'], partitions: 1, replicas: 3 });
    expect(await refusalOf(creating)).toEqual({ code: 38, message: expect.stringContaining('Apache Kafka') });
  });

  it('rejects acks=all (error 19) when the topic requires two replicas in sync', async () => {
    const topic = 'payments';
    await admin.createTopics({
      topics: [topic],
      partitions: 1,
      configs: [{ name: 'min.insync.replicas', value: '2' }],
    });
    const message = { topic, partition: 0, value: Buffer.from('1') };

    expect(await refusalOf(producer.send({ messages: [message], acks: ProduceAcks.ALL }))).toMatchObject({
      code: 19,
    });
    await producer.send({ messages: [message], acks: ProduceAcks.LEADER });
  });
});
