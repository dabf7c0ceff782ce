import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  connectProducer,
  connectTransactionalProducer,
  exactlyOnce,
  producerPresets,
  topicPresets,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { readTopic } from '@millrace/testing/kcat';
import { sharedStack } from '@millrace/test-support/stack';
import { StackLog } from './stack-log.ts';

const log = new StackLog(sharedStack());
const topic = 'presets';
const place = { bootstrapServers: [log.bootstrapServers], clientId: 'presets', logger: silentLogger };
const names = Object.keys(producerPresets) as (keyof typeof producerPresets)[];

describe('G15 settings by purpose', () => {
  beforeAll(() => log.newTopic(topic, 3));
  afterAll(() => log.close());

  it('are presets with exactly the values of the guides', () => {
    expect({ ...producerPresets, exactlyOnce: exactlyOnce('X'), topic: topicPresets }).toEqual({
      noDataLoss: { acks: 'all' },
      exactlyOnce: { idempotence: true, transactionalId: 'X' },
      highThroughput: { acks: 1, batchBytesMax: 65536, lingerMs: 5 },
      lowLatency: { acks: 1, lingerMs: 0 },
      general: {
        acks: 'all',
        retries: 3,
        batchBytesMax: 16384,
        lingerMs: 10,
        compression: 'gzip',
        idempotence: true,
      },
      throughput: { batchBytesMax: 32768, lingerMs: 100 },
      latency: { batchBytesMax: 1, lingerMs: 0 },
      topic: { noDataLoss: { 'min.insync.replicas': '2' } },
    });
  });

  it.each(names)('%s writes the events of one key in order', async (name) => {
    const events = Array.from({ length: 20 }, (_, index) => `${name} ${index}`);
    await using producer = connectProducer({ ...place, ...producerPresets[name], maxInFlight: 1 });
    const sends = events.map((value) => producer.send([{ topic, key: 'user_123', value }]));
    const written = (await Promise.all(sends)).flat();

    expect(new Set(written.map(({ partition }) => partition))).toEqual(new Set([2]));
    const read = await readTopic(log.bootstrapServers, topic);
    expect(read.map(({ value }) => value).filter((value) => value.startsWith(`${name} `))).toEqual(events);
  });

  it('exactly once writes in transactions', async () => {
    const producer = connectTransactionalProducer({ ...place, ...exactlyOnce('presets-1') });
    await producer.transaction((transaction) => transaction.send([{ topic, key: 'k', value: 'transacted' }]));
    await producer.close();

    expect((await readTopic(log.bootstrapServers, topic)).map(({ value }) => value)).toContain('transacted');
  });

  it('acks=1 with idempotence is refused, and the error names both settings', () => {
    const options = { ...place, ...producerPresets.highThroughput, idempotence: true };

    expect(() => connectProducer(options)).toThrow(
      expect.objectContaining({
        code: 'settings_refused',
        message: expect.stringMatching(/idempotence .* acks is 1/),
      }),
    );
  });
});
