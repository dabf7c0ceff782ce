import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../runtime/index.ts';
import { encodeRecord } from './record-encoding.ts';
import { SendRounds, type WaitingSend } from './send-rounds.ts';

const limits = { queueRecordsMax: 10, queueBytesMax: 10_000, requestRecordsMax: 4, requestBytesMax: 1_000 };
const records = (count: number, topic = 'orders') =>
  Array.from({ length: count }, () => encodeRecord({ topic, key: null, value: 'v' }, 0, 0, 1_000));

function rounds() {
  const seen: number[][] = [];
  const waiting: (() => void)[] = [];
  const sends = new SendRounds(limits, {
    joins: (send) => send.records.every(({ topic }) => topic === 'orders'),
    async deliver(round) {
      seen.push(round.map((send) => send.records.length));
      await new Promise<void>((resolve) => waiting.push(resolve));
      for (const send of round) end(send);
    },
  });
  const end = ({ records: written, resolve, reject }: WaitingSend) =>
    written.length === 3
      ? reject(new Error('refused'))
      : resolve(written.map(({ topic }) => ({ topic, partition: 0, offset: 0n })));
  const go = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    waiting.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { sends, seen, go };
}

describe('sends in rounds', () => {
  it('share a round if they arrive together and fit into one request, and others wait for the next round', async () => {
    const { sends, seen, go } = rounds();
    const first = [1, 2, 1, 1].map((count) => sends.add(records(count)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([[1, 2, 1]]);

    const later = [sends.add(records(1)), sends.add(records(1))];
    await go();
    expect(seen).toEqual([
      [1, 2, 1],
      [1, 1, 1],
    ]);
    await go();

    await expect(Promise.all([...first, ...later])).resolves.toHaveLength(6);
  });

  it('get separate rounds if they exceed a request or may not join', async () => {
    const { sends, seen, go } = rounds();
    const all = [
      sends.add(records(1)),
      sends.add(records(5)),
      sends.add(records(1)),
      sends.add(records(1, 'unknown')),
    ];
    for (let round = 0; round < 4; round += 1) await go();

    await Promise.all(all);
    expect(seen).toEqual([[1], [5], [1], [1]]);
  });

  it('settle independently of each other', async () => {
    const { sends, go } = rounds();
    const refused = sends.add(records(3));
    const written = sends.add(records(1));
    const both = Promise.allSettled([refused, written]);
    await go();

    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  });

  it('are rejected if the queue is full, and accepted once it has room again', async () => {
    const { sends, go } = rounds();
    const first = sends.add(records(8));

    await expect(async () => sends.add(records(3))).rejects.toMatchObject({ code: 'queue_full' });
    await go();
    await first;
    const next = sends.add(records(10));
    await go();
    await expect(next).resolves.toHaveLength(10);
  });

  it('are drained up to a time limit', async () => {
    const { sends, go } = rounds();
    const stuck = sends.add(records(1));

    await expect(sends.drain(systemClock, 20)).rejects.toMatchObject({ code: 'timeout' });
    await go();
    await stuck;
    await expect(sends.drain(systemClock, 1_000)).resolves.toBeUndefined();
  });
});
