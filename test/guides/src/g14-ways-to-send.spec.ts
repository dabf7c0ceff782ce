import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectProducer, type BatchingProducer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { readTopic } from '@millrace/testing/kcat';
import { sharedStack } from '@millrace/test-support/stack';
import { StackLog } from './stack-log.ts';

const log = new StackLog(sharedStack());
const topic = 'ways-to-send';

describe('G14 three ways to send', () => {
  let producer: BatchingProducer;
  const connect = (options: { acks?: 0 } = {}) => {
    const place = { bootstrapServers: [log.bootstrapServers], clientId: 'ways', logger: silentLogger };
    return connectProducer({ ...place, ...options });
  };
  beforeEach(async () => {
    await log.newTopic(topic, 3);
    producer = connect();
  });
  afterEach(() => producer.close());
  afterAll(() => log.close());

  const event = (value: string, partition = 0) => ({ topic, key: null, value, partition });
  const values = async () => (await readTopic(log.bootstrapServers, topic)).map(({ value }) => value).sort();

  it('fire and forget returns at once, and counts errors instead of throwing them', async () => {
    producer.post([event('a')]);
    producer.post([event('to a partition that does not exist', 3)]);
    expect(producer.undelivered).toBe(0);
    await producer.flush();

    expect(producer.undelivered).toBe(1);
    expect(await values()).toEqual(['a']);
  });

  it('fire and forget with acks=0 waits for no answer, so no offset is known', async () => {
    await using careless = connect({ acks: 0 });
    const sent = await careless.send([event('a', 1)]);

    expect(sent).toEqual([{ topic, partition: 1, offset: -1n }]);
  });

  it('synchronous resolves to partition and offset, or rejects', async () => {
    await producer.send([event('a', 2)]);

    expect(await producer.send([event('b', 2)])).toEqual([{ topic, partition: 2, offset: 1n }]);
    await expect(producer.send([event('c', 3)])).rejects.toMatchObject({ code: 'record_invalid' });
  });

  it('asynchronous calls the callback once per record, with metadata or an error, in order per partition', async () => {
    const told: string[] = [];
    const tell = (value: string, partition: number) =>
      producer.post([event(value, partition)], (error, written) =>
        told.push(error ? `${value}: ${error.code}` : `${value}: ${written?.partition}/${written?.offset}`),
      );
    for (const number of [0, 1, 2]) {
      tell(`x${number}`, 0);
      tell(`y${number}`, 1);
    }
    tell('z', 3);
    await producer.flush();

    expect(told.filter((text) => text.startsWith('x'))).toEqual(['x0: 0/0', 'x1: 0/1', 'x2: 0/2']);
    expect(told.filter((text) => text.startsWith('y'))).toEqual(['y0: 1/0', 'y1: 1/1', 'y2: 1/2']);
    expect(told.filter((text) => text.startsWith('z'))).toEqual(['z: record_invalid']);
  });
});
