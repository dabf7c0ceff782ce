import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import type { ProducerOptions } from './producer-settings.ts';
import { connectProducer } from './producer.ts';
import { startScriptedBroker, type Script, type SeenBatch, type Verdict } from './scripted-broker.fake.ts';

const closes: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close();
});

/**
 * Starts a producer, and a broker that answers its first batches with the given verdicts and
 * accepts all later ones.
 */
async function scripted(
  verdicts: readonly Verdict[],
  more: { script?: Partial<Script>; options?: Partial<ProducerOptions> } = {},
) {
  const waiting = [...verdicts];
  const script: Script = {
    topic: 'orders',
    partitions: 2,
    topicId: randomUUID(),
    judge: () => waiting.shift() ?? 'NONE',
    ...more.script,
  };
  const broker = await startScriptedBroker(script);
  const place = { bootstrapServers: broker.bootstrapServers, clientId: 'scripted', logger: silentLogger };
  const producer = connectProducer({ ...place, retryDelayMsMin: 1, retryDelayMsMax: 5, ...more.options });
  closes.push(broker.close, () => producer.close());
  const send = (value: string, partition = 0) =>
    producer.send([{ topic: 'orders', key: null, value, partition }]);
  const both = (values: readonly string[]) =>
    producer.send(values.map((value, partition) => ({ topic: 'orders', key: null, value, partition })));
  return { script, send, both, seen: broker.seen };
}

const told = (seen: readonly SeenBatch[]) =>
  seen.map(({ producer, sequence, values }) => `${producer} ${sequence} ${values.join(',')}`);

describe('a batch of the producer', () => {
  it.each<Verdict>([
    'silence',
    'NOT_LEADER_OR_FOLLOWER',
    'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
    'UNKNOWN_TOPIC_ID',
    'KAFKA_STORAGE_ERROR',
  ])(
    'is repeated with the same sequence number after %s, and later batches keep their order',
    async (verdict) => {
      const { send, seen } = await scripted(['NONE', verdict, verdict]);
      await send('a');

      const written = await Promise.all([send('b'), send('c')].map((sent, index) => sent.then(() => index)));

      expect(written).toEqual([0, 1]);
      expect(told(seen)).toEqual(['1/0 0 a', '1/0 1 b,c', '1/0 1 b,c', '1/0 1 b,c']);
    },
  );

  it('is acknowledged if the broker had already written it', async () => {
    const { send, seen } = await scripted(['silence', 'DUPLICATE_SEQUENCE_NUMBER']);

    await expect(send('a')).resolves.toMatchObject([{ topic: 'orders', partition: 0 }]);
    await send('b');
    expect(told(seen)).toEqual(['1/0 0 a', '1/0 0 a', '1/0 1 b']);
  });

  it.each<Verdict>(['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID'])(
    'is renumbered with the next epoch after %s, in its partition only (KIP-360)',
    async (verdict) => {
      const { send, seen } = await scripted(['NONE', 'NONE', verdict]);
      await send('a');
      await send('other', 1);
      await send('b');
      await send('c');
      await send('other 2', 1);

      expect(told(seen)).toEqual([
        '1/0 0 a',
        '1/0 0 other',
        '1/0 1 b',
        '1/1 0 b',
        '1/1 1 c',
        '1/0 1 other 2',
      ]);
    },
  );

  it('L36 is given up instead of renumbered if it may be on the log, and later batches have the next epoch', async () => {
    const { send, seen } = await scripted(['silence', 'OUT_OF_ORDER_SEQUENCE_NUMBER']);

    await expect(send('a')).rejects.toMatchObject({ code: 'broker_error' });
    await send('b');
    expect(told(seen)).toEqual(['1/0 0 a', '1/0 0 a', '1/1 0 b']);
  });

  it('L35 is given up at its deadline, and later batches have the next epoch', async () => {
    const { send, seen } = await scripted([], {
      script: { judge: ({ values }) => (values[0] === 'a' ? 'silence' : 'NONE') },
      options: { deliveryTimeoutMs: 1_500 },
    });

    await expect(send('a')).rejects.toMatchObject({
      message: expect.stringContaining('may or may not be on the log'),
    });
    await send('b');
    expect(new Set(told(seen))).toEqual(new Set(['1/0 0 a', '1/1 0 b']));
  });

  it('L35 is never sent once it has been given up, so that the next batch is not taken for a duplicate', async () => {
    const { script, send, seen } = await scripted([], {
      script: { leaders: [1, 2] },
      options: { deliveryTimeoutMs: 1_500 },
    });
    await send('so that the topic is known');
    let release = () => {};
    script.held = new Promise((resolve) => (release = resolve));

    await expect(send('a', 1)).rejects.toMatchObject({
      message: expect.stringContaining('are not on the log'),
    });
    release();
    await send('b', 1);
    await send('c', 1);
    expect(told(seen)).toEqual(['1/0 0 so that the topic is known', '1/0 0 b', '1/0 1 c']);
  });

  it('is rejected without the other batches of its request, and its sequence number is reused', async () => {
    const { both, send, seen } = await scripted(['MESSAGE_TOO_LARGE', 'NONE']);

    await expect(both(['large', 'small'])).rejects.toMatchObject({ code: 'record_too_large' });
    await send('a');
    await send('b', 1);
    expect(told(seen)).toEqual(['1/0 0 large', '1/0 0 small', '1/0 0 a', '1/0 1 b']);
  });

  it('does not fail another send that shares its request', async () => {
    const { send } = await scripted([], {
      script: { judge: ({ partition }) => (partition === 0 ? 'POLICY_VIOLATION' : 'NONE') },
    });
    await send('so that the topic is known', 1);

    const [refused, written] = await Promise.allSettled([send('a', 0), send('b', 1)]);

    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'broker_error' } });
    expect(written).toMatchObject({ status: 'fulfilled' });
  });

  it('fails after INVALID_PRODUCER_EPOCH, and the next one has another producer id', async () => {
    const { send, seen } = await scripted(['INVALID_PRODUCER_EPOCH']);

    await expect(send('a')).rejects.toMatchObject({ code: 'broker_error' });
    await send('b');
    expect(told(seen)).toEqual(['1/0 0 a', '2/0 0 b']);
  });

  it('goes to the recreated topic, or fails if that topic lacks its partition', async () => {
    const anew = randomUUID();
    const { script, both, send, seen } = await scripted([], {
      script: { judge: ({ topicId }) => (topicId === script.topicId ? 'NONE' : 'UNKNOWN_TOPIC_ID') },
    });
    await both(['a', 'b']);
    Object.assign(script, { topicId: anew, partitions: 1 });

    const [kept, gone] = await Promise.allSettled([send('c', 0), send('d', 1)]);

    expect(kept).toMatchObject({ status: 'fulfilled' });
    expect(gone).toMatchObject({ status: 'rejected', reason: { code: 'topic_recreated' } });
    expect(seen.filter(({ topicId }) => topicId === anew).map(({ values }) => values)).toEqual([['c']]);
  });

  it('identifies its topic by name for a broker that does not support topic ids', async () => {
    const { send, seen } = await scripted([], { script: { produceMax: 9 } });

    await send('a');
    expect(seen.map(({ topicId }) => topicId)).toEqual(['00000000-0000-0000-0000-000000000000']);
  });
});
