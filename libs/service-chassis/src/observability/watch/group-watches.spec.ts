import { describe, expect, it } from '@jest/globals';
import type { LagReader } from '@millrace/streaming-core/client';
import type { PartitionStatus } from '@millrace/streaming-core/consumer';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { Registry } from 'prom-client';
import { createGroupWatches, type OwnGroup } from './group-watches.ts';
import type { Watch } from './watcher.ts';

const partition = (number: number, state: PartitionStatus['state'], full = false): PartitionStatus => ({
  topic: 'notes',
  partition: number,
  state,
  parking: { keys: 1, messages: 3, full },
});

/** Watches of a process, over a log with some dead letters and a database with parked messages. */
function watched(held: Record<string, bigint> = {}) {
  const registry = new Registry();
  const watches: Watch[] = [];
  const asked: (readonly string[])[] = [];
  const groups = createGroupWatches(registry, { add: (watch) => void watches.push(watch) });
  const rows = [{ topic: 'notes', keys: 2, messages: 6, oldest_age_ms: 90_000 }];
  const reader = {
    async offsetsHeld(topics: readonly string[]) {
      asked.push(topics);
      return new Map(topics.flatMap((topic) => (topic in held ? [[topic, held[topic]!] as const] : [])));
    },
  } as unknown as LagReader;
  return {
    asked,
    watches,
    watch: (group: string, topics: readonly string[], partitions: OwnGroup['partitions'] = () => []) =>
      groups.watch({
        group,
        database: { query: () => Promise.resolve({ rows, rowCount: 1 }) } as unknown as SqlDatabase,
        reader,
        topics: () => topics,
        partitions,
      }),
    look: async (name: string) => watches.find((each) => each.name === name)!.look(),
    figures: async (metric: string) =>
      (await registry.metrics()).split('\n').filter((line) => line.startsWith(metric)),
  };
}

describe('the watch of dead letters', () => {
  it('shows how many dead letters each topic has, with a reading for the alarm', async () => {
    const held = { 'orders.dlq': 2n, 'payments.dlq': 0n };
    const { watch, look, figures } = watched(held);
    watch('clerk', ['orders', 'payments', 'unwritten']);

    expect(await look('dead letters')).toEqual([
      { alarm: 'dead_letters', place: { topic: 'orders.dlq' }, value: 2 },
      { alarm: 'dead_letters', place: { topic: 'payments.dlq' }, value: 0 },
    ]);
    expect(await figures('millrace_dead_letters{')).toEqual([
      'millrace_dead_letters{topic="orders.dlq"} 2',
      'millrace_dead_letters{topic="payments.dlq"} 0',
    ]);
    held['orders.dlq'] = 0n;
    expect((await look('dead letters')).map(({ value }) => value)).toEqual([0, 0]);
  });

  it('counts a topic once if several groups of the process read it', async () => {
    const { watch, look, watches, asked } = watched({ 'orders.dlq': 1n });
    watch('clerk', ['orders']);
    watch('clerk-projector', ['orders', 'payments']);
    await look('dead letters');

    expect(asked).toEqual([['orders.dlq', 'payments.dlq']]);
    expect(watches.filter(({ name }) => name === 'dead letters')).toHaveLength(1);
  });
});

describe('the watch of parked messages', () => {
  it('shows keys, messages and the oldest age by topic, with readings for age and room', async () => {
    const { watch, look, figures } = watched();
    watch('order', ['notes'], () => [
      partition(0, 'open', true),
      { ...partition(1, 'opening'), parking: undefined },
    ]);

    expect(await look('parked messages of order')).toEqual(
      expect.arrayContaining([
        { alarm: 'parked_age', place: { group: 'order', topic: 'notes' }, value: 90 },
        { alarm: 'parking_full', place: { group: 'order', topic: 'notes', partition: '0' }, value: 1 },
        { alarm: 'parking_full', place: { group: 'order', topic: 'notes', partition: '1' }, value: 0 },
      ]),
    );
    expect(await figures('millrace_parked')).toEqual([
      'millrace_parked_keys{group="order",topic="notes"} 2',
      'millrace_parked_messages{group="order",topic="notes"} 6',
      'millrace_parked_oldest_age_seconds{group="order",topic="notes"} 90',
    ]);
  });

  it('has readings for partitions that are refused or blocked', async () => {
    const { watch, look } = watched();
    watch('order', ['notes'], () => [partition(0, 'refused'), partition(1, 'blocked'), partition(2, 'open')]);

    const readings = await look('parked messages of order');
    const place = { group: 'order', topic: 'notes' };
    expect(readings.filter(({ alarm, value }) => alarm !== 'parked_age' && value > 0)).toEqual([
      { alarm: 'partition_refused', place: { ...place, partition: '0' }, value: 1 },
      { alarm: 'partition_blocked', place: { ...place, partition: '1' }, value: 1 },
    ]);
  });
});
