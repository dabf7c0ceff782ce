import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { connectAdmin, connectProducer, type Admin } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { readTopic } from '@millrace/testing/kcat';
import { runPython } from '@millrace/test-support/python';
import { startTestBroker, testEngine, type TestBroker } from '@millrace/testing/engine';
import { runGuide } from './guides-python.ts';
import { loseAcknowledgement, type LossyProxy } from './lossy-proxy.ts';

const topic = 'orders';

describe('G11 retry is not a duplicate', () => {
  let proxy: LossyProxy;
  let broker: TestBroker;
  let admin: Admin;
  let bootstrapServers: string;

  beforeAll(async () => {
    proxy = await loseAcknowledgement(Infinity, 'broken connection', 5);
    broker = await startTestBroker({ advertisedPort: proxy.port });
    proxy.connectTo(broker.port);
    bootstrapServers = `127.0.0.1:${proxy.port}`;
    admin = connectAdmin({
      bootstrapServers: [bootstrapServers],
      clientId: 'guides',
      logger: silentLogger,
      operationTimeoutMs: 60_000,
    });
  }, 120_000);
  beforeEach(async () => {
    await admin.deleteTopics([topic]);
    await admin.createTopics([{ name: topic, partitions: 1, retention: 'unlimited', cleanup: 'delete' }]);
  });
  afterAll(async () => {
    await admin?.close();
    await broker?.stop();
    await proxy?.close();
  });

  /**
   * Sends by kafka-python, which with idempotence on sends one request per record, one at a time.
   */
  const send = (count: number) => runGuide('idempotent_producer.py', bootstrapServers, String(count));
  const sequence = (count: number) => Array.from({ length: count }, (_, index) => `seq=${index + 1}`);
  const written = async () => (await readTopic(bootstrapServers, topic)).map(({ value }) => value);

  it('seq=2 is sent again after its acknowledgement was lost, and is acknowledged without being stored twice', async () => {
    const before = proxy.produced;
    const lost = proxy.loseAnother(2);

    expect(await send(2)).toEqual(['2 acknowledged, in order: True']);

    await lost;
    expect(proxy.produced - before).toBe(3);
    expect(await written()).toEqual(['seq=1', 'seq=2']);
  });

  it('our own client gets the same result and the offset of the stored record', async () => {
    const lost = proxy.loseAnother(2);
    const producer = connectProducer({
      bootstrapServers: [bootstrapServers],
      clientId: 'guides',
      logger: silentLogger,
    });
    const offsets: bigint[] = [];
    for (const value of sequence(3))
      offsets.push(...(await producer.send([{ topic, key: null, value }])).map(({ offset }) => offset));
    await producer.close();

    await lost;
    expect(offsets).toEqual([0n, 1n, 2n]);
    expect(await written()).toEqual(sequence(3));
  });

  it('each record is stored once and in order when librdkafka has five requests in flight, one loses its acknowledgement and the broker restarts', async () => {
    const count = 400;
    const before = proxy.produced;
    const lost = proxy.loseAnother(100);
    const sending = runPython(join(import.meta.dirname, 'python/pipelined_producer.py'), [
      bootstrapServers,
      String(count),
    ]);
    const ended = jest.fn();
    sending.then(ended, ended);
    await lost;
    const bringBack = await broker.lose();
    expect(ended).not.toHaveBeenCalled();
    await bringBack();

    if (testEngine() === 'embedded') expect(await sending).toBe(`${count} acknowledged, in order: True\n`);
    // Kafka may recognize only one of the five and reject the rest.
    else await sending.catch((error: Error) => expect(error.message).toMatch(/out of order sequence/));
    const values = await written();
    expect(values).toEqual(sequence(testEngine() === 'embedded' ? count : values.length));
    expect(proxy.inFlightMax).toBe(5);
    expect(proxy.produced - before).toBeGreaterThan(testEngine() === 'embedded' ? count : 100);
  });
});
