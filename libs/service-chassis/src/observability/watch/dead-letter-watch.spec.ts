import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { createDeadLetters } from './dead-letter-watch.ts';
import type { Watch } from './watcher.ts';

/** A log with the given number of records on each topic. */
function watched(held: Record<string, bigint>) {
  const registry = new Registry();
  const watches: Watch[] = [];
  const asked: (readonly string[])[] = [];
  const letters = createDeadLetters({ registry, watcher: { add: (watch) => void watches.push(watch) } });
  const reader = {
    async offsetsHeld(topics: readonly string[]) {
      asked.push(topics);
      return new Map(topics.flatMap((topic) => (topic in held ? [[topic, held[topic]!] as const] : [])));
    },
  };
  const figures = async () =>
    (await registry.metrics()).split('\n').filter((line) => line.startsWith('millrace_dead_letters{'));
  return { letters, reader, watches, asked, figures };
}

describe('a watch on dead letters', () => {
  it('shows how many dead letters each topic has, with a reading for the alarm', async () => {
    const held = { 'orders.dlq': 2n, 'payments.dlq': 0n };
    const { letters, reader, watches, figures } = watched(held);
    letters.watch(reader, () => ['orders', 'payments', 'unwritten']);

    const readings = await watches[0]!.look();

    expect(readings).toEqual([
      { alarm: 'dead_letters', place: { topic: 'orders.dlq' }, value: 2 },
      { alarm: 'dead_letters', place: { topic: 'payments.dlq' }, value: 0 },
    ]);
    expect(await figures()).toEqual([
      'millrace_dead_letters{topic="orders.dlq"} 2',
      'millrace_dead_letters{topic="payments.dlq"} 0',
    ]);
    held['orders.dlq'] = 0n;
    expect((await watches[0]!.look()).map(({ value }) => value)).toEqual([0, 0]);
  });

  it('counts a topic once if several groups of the process read it', async () => {
    const { letters, reader, watches, asked } = watched({ 'orders.dlq': 1n });
    letters.watch(reader, () => ['orders']);
    letters.watch(reader, () => ['orders', 'payments']);
    await watches[0]!.look();

    expect(watches).toHaveLength(1);
    expect(asked).toEqual([['orders.dlq', 'payments.dlq']]);
  });
});
