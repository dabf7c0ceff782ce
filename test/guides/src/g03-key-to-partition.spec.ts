import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { kcat, readTopic } from '@millrace/testing/kcat';
import { sharedStack } from '@millrace/test-support/stack';
import { StackLog } from './stack-log.ts';

const log = new StackLog(sharedStack());
afterAll(() => log.close());

/** The partition of each key, by the number of partitions: `(murmur2(key) & 0x7fffffff) % n`. */
const partitionsByKey = {
  user_123: { 3: 2, 6: 5, 12: 11 },
  user123: { 3: 0, 6: 3, 12: 9 },
  user_456: { 3: 2, 6: 2, 12: 2 },
  '123': { 3: 2, 6: 5, 12: 5 },
  '456': { 3: 2, 6: 2, 12: 8 },
  '789': { 3: 1, 6: 4, 12: 4 },
} as const;
const keys = Object.keys(partitionsByKey) as (keyof typeof partitionsByKey)[];

describe('G03 same key, same partition, same order', () => {
  beforeAll(() => log.newTopic('orders', 3));

  it('keeps both orders of user_123 in P2 of orders, 456 before 789', async () => {
    const first = await log.producer.send([{ topic: 'orders', key: 'user_123', value: '{"order_id":456}' }]);
    const second = await log.producer.send([{ topic: 'orders', key: 'user_123', value: '{"order_id":789}' }]);

    expect([...first, ...second].map(({ partition, offset }) => [partition, offset])).toEqual([
      [2, 0n],
      [2, 1n],
    ]);
    const read = await readTopic(log.bootstrapServers, 'orders');
    expect(read.map(({ partition, offset, key, value }) => [partition, offset, key, value])).toEqual([
      [2, 0, 'user_123', '{"order_id":456}'],
      [2, 1, 'user_123', '{"order_id":789}'],
    ]);
  });

  it.each([3, 6, 12] as const)(
    'puts every key on the partition that murmur2 chooses among %i, as a foreign producer does',
    async (partitions) => {
      const topic = await log.newTopic(`keys-${randomUUID()}`, partitions);
      await log.producer.send(keys.map((key) => ({ topic, key, value: 'ours' })));
      const lines = keys.map((key) => `${key}:foreign\n`).join('');
      await kcat(
        ['-b', log.bootstrapServers, '-P', '-t', topic, '-K:', '-X', 'topic.partitioner=murmur2'],
        lines,
      );

      const read = await readTopic(log.bootstrapServers, topic);

      const placedBy = (who: string) =>
        Object.fromEntries(
          read.filter(({ value }) => value === who).map(({ key, partition }) => [key, partition]),
        );
      const table = Object.fromEntries(keys.map((key) => [key, partitionsByKey[key][partitions]]));
      expect(placedBy('ours')).toEqual(table);
      expect(placedBy('foreign')).toEqual(table);
      expect(read).toHaveLength(2 * keys.length);
    },
  );

  it('spreads sends without a key over all partitions', async () => {
    const topic = await log.newTopic(`no-key-${randomUUID()}`, 3);
    const used = new Set<number>();
    for (let send = 0; send < 9; send += 1)
      for (const { partition } of await log.producer.send([{ topic, key: null, value: '{}' }]))
        used.add(partition);

    expect([...used].sort()).toEqual([0, 1, 2]);
  });
});
