import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { silentLogger } from '../../runtime/index.ts';
import type { ProducerOptions } from './producer-settings.ts';
import { connectProducer } from './producer.ts';
import { startScriptedBroker, type Script, type SeenBatch, type Verdict } from './scripted-broker.fake.ts';

const closes: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close();
});

/**
 * Sends `first`, and then a to e in five requests, which are all in flight before the broker judges
 * them. The judge gets each batch and how often the broker has seen it. With more than one byte per
 * record, a value is its letter repeated, and the judge gets the letter.
 */
async function fiveInFlight(
  judge: (value: string, times: number) => Verdict,
  options: Partial<ProducerOptions> = {},
  recordBytes = 1,
) {
  const times = new Map<string, number>();
  const script: Script = {
    topic: 'orders',
    partitions: 1,
    topicId: randomUUID(),
    judge: ({ values: [text = ''] }) => {
      const value = recordBytes === 1 ? text : (text[0] ?? '');
      times.set(value, (times.get(value) ?? 0) + 1);
      return judge(value, times.get(value)!);
    },
  };
  const broker = await startScriptedBroker(script);
  const place = { bootstrapServers: broker.bootstrapServers, clientId: 'five', logger: silentLogger };
  const producer = connectProducer({ ...place, retryDelayMsMin: 1, retryDelayMsMax: 5, ...options });
  closes.push(broker.close, () => producer.close());
  const send = (value: string) => producer.send([{ topic: 'orders', key: null, value, partition: 0 }]);
  await send('first');
  let release = () => {};
  script.held = new Promise((resolve) => (release = resolve));
  const sends: Promise<string>[] = [];
  for (const letter of ['a', 'b', 'c', 'd', 'e']) {
    sends.push(
      send(letter.repeat(recordBytes)).then(
        () => 'written',
        (error: { code: string }) => error.code,
      ),
    );
    await until(
      () => broker.received,
      (received) => received >= sends.length + 1,
    );
  }
  script.held = undefined;
  release();
  const results = await Promise.all(sends);
  return { results, seen: broker.seen.slice(1), send, broker };
}

const told = (seen: readonly SeenBatch[]) =>
  seen.map(({ producer, sequence, values }) => `${producer} ${sequence} ${values.join(',')}`);
const allWritten = Array.from({ length: 5 }, () => 'written');
const inOrder = ['1/0 1 a', '1/0 2 b', '1/0 3 c', '1/0 4 d', '1/0 5 e'];

describe('L40 five requests in flight', () => {
  it('carry one batch each, with consecutive sequence numbers', async () => {
    const { results, seen } = await fiveInFlight(() => 'NONE');

    expect(results).toEqual(allWritten);
    expect(told(seen)).toEqual(inOrder);
  });

  it.each<Verdict>(['NOT_LEADER_OR_FOLLOWER', 'REQUEST_TIMED_OUT'])(
    'are repeated in order with the same numbers if the second fails with %s',
    async (verdict) => {
      const { results, seen } = await fiveInFlight((value, times) => {
        if (times > 1 || value === 'a' || value === 'first') return 'NONE';
        return value === 'b' ? verdict : 'OUT_OF_ORDER_SEQUENCE_NUMBER';
      });

      expect(results).toEqual(allWritten);
      expect(told(seen)).toEqual([...inOrder, ...inOrder.slice(1)]);
    },
  );

  it('keep their bytes for a repetition, although memory of written ones is used again', async () => {
    const large = (lines: readonly string[]) =>
      lines.map((line) => line.slice(0, -1) + line.slice(-1).repeat(100_000));
    const { seen } = await fiveInFlight(
      (value, times) => {
        if (times > 1 || value === 'a' || value === 'f') return 'NONE';
        return value === 'b' ? 'NOT_LEADER_OR_FOLLOWER' : 'OUT_OF_ORDER_SEQUENCE_NUMBER';
      },
      {},
      100_000,
    );

    expect(told(seen)).toEqual(large([...inOrder, ...inOrder.slice(1)]));
  });

  it('are repeated in order with the same numbers if the connection is lost at the second', async () => {
    const { results, seen } = await fiveInFlight((value, times) => {
      if (value === 'b' && times === 1) return 'silence';
      return 'NONE';
    });

    expect(results).toEqual(allWritten);
    expect(told(seen).slice(-4)).toEqual(inOrder.slice(1));
  });

  it('are acknowledged if the second was already written', async () => {
    const { results, seen } = await fiveInFlight((value) =>
      value === 'b' ? 'DUPLICATE_SEQUENCE_NUMBER' : 'NONE',
    );

    expect(results).toEqual(allWritten);
    expect(told(seen)).toEqual(inOrder);
  });

  it('close the gap if the second is rejected permanently', async () => {
    const { results, seen } = await fiveInFlight((value, times) => {
      if (value === 'b') return 'MESSAGE_TOO_LARGE';
      return times === 1 && value > 'b' && value < 'f' ? 'OUT_OF_ORDER_SEQUENCE_NUMBER' : 'NONE';
    });

    expect(results).toEqual(['written', 'record_too_large', 'written', 'written', 'written']);
    expect(told(seen)).toEqual([...inOrder, '1/0 2 c', '1/0 3 d', '1/0 4 e']);
  });

  it('are renumbered together if the broker has lost the state of the producer', async () => {
    const { results, seen } = await fiveInFlight((value, times) =>
      times === 1 && value > 'a' && value < 'f' ? 'UNKNOWN_PRODUCER_ID' : 'NONE',
    );

    expect(results).toEqual(allWritten);
    expect(told(seen)).toEqual([...inOrder, '1/1 0 b', '1/1 1 c', '1/1 2 d', '1/1 3 e']);
  });

  it('fail without a later batch being renumbered if the second may be on the log', async () => {
    const { results, seen, send } = await fiveInFlight((value, times) => {
      if (value === 'b' && times === 1) return 'silence';
      return times > 1 ? 'OUT_OF_ORDER_SEQUENCE_NUMBER' : 'NONE';
    });

    expect(results[0]).toBe('written');
    expect(results[1]).toBe('broker_error');
    await send('f');
    const after = told(seen);
    expect(after.filter((text) => text.startsWith('1/0') && text.endsWith('b'))).toHaveLength(2);
    expect(after.some((text) => text.startsWith('1/1') && text.endsWith('b'))).toBe(false);
  });
});

describe('a record of bytes', () => {
  it('is sent as it was at the call, also if the producer has yet to learn of its topic', async () => {
    const script: Script = { topic: 'orders', partitions: 1, topicId: randomUUID(), judge: () => 'NONE' };
    const broker = await startScriptedBroker(script);
    const place = { bootstrapServers: broker.bootstrapServers, clientId: 'bytes', logger: silentLogger };
    const producer = connectProducer(place);
    closes.push(broker.close, () => producer.close());
    const value = Buffer.alloc(5);
    const send = (text: string) => {
      value.write(text);
      return producer.send([{ topic: 'orders', key: null, value, partition: 0 }]);
    };

    const unknown = send('first');
    value.fill('x');
    await unknown;
    const known = send('later');
    value.fill('x');
    await known;

    expect(broker.seen.flatMap(({ values }) => values)).toEqual(['first', 'later']);
  });
});
