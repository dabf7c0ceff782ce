import { describe, expect, it } from '@jest/globals';
import type { PartitionStatus } from '@millrace/streaming-core/consumer';
import { type Queryable } from '@millrace/streaming-core/postgres';
import { Registry } from 'prom-client';
import { createParked, parkingDetails } from './parked-watch.ts';

const partition = (number: number, full: boolean): PartitionStatus => ({
  topic: 'notes',
  partition: number,
  state: 'open',
  parking: { keys: 1, messages: 3, full },
});
const opening: PartitionStatus = { topic: 'notes', partition: 2, state: 'opening' };

describe('the watch of parked messages', () => {
  const rows = [{ topic: 'notes', keys: 2, messages: 6, oldest_age_ms: 90_000 }];
  const database: Queryable = {
    query: <Row>() => Promise.resolve({ rows: rows as unknown as readonly Row[], rowCount: 1 }),
  };
  const watched = () => {
    const registry = new Registry();
    const parked = createParked(registry);
    const partitions = () => [partition(0, true), partition(1, false), opening];
    return { registry, watch: parked.watch('order', database, partitions) };
  };

  it('shows keys, messages and the oldest age by topic, with readings for age and room', async () => {
    const { registry, watch } = watched();
    const readings = (await watch.look()).filter(({ alarm }) => !alarm.startsWith('partition_'));
    const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('millrace_'));

    expect(lines).toEqual([
      'millrace_parked_keys{group="order",topic="notes"} 2',
      'millrace_parked_messages{group="order",topic="notes"} 6',
      'millrace_parked_oldest_age_seconds{group="order",topic="notes"} 90',
    ]);
    const full = { alarm: 'parking_full' };
    expect(readings).toEqual([
      { alarm: 'parked_age', place: { group: 'order', topic: 'notes' }, value: 90 },
      { ...full, place: { group: 'order', topic: 'notes', partition: '0' }, value: 1 },
      { ...full, place: { group: 'order', topic: 'notes', partition: '1' }, value: 0 },
      { ...full, place: { group: 'order', topic: 'notes', partition: '2' }, value: 0 },
    ]);
  });

  it('has readings for partitions that are refused or blocked', async () => {
    const states = ['refused', 'blocked', 'open'] as const;
    const partitions = () => states.map((state, number) => ({ ...partition(number, false), state }));
    const watch = createParked(new Registry()).watch('order-projector', database, partitions);

    const raised = (await watch.look()).filter(({ alarm, value }) => alarm !== 'parked_age' && value > 0);
    const place = { group: 'order-projector', topic: 'notes' };
    expect(raised).toEqual([
      { alarm: 'partition_refused', place: { ...place, partition: '0' }, value: 1 },
      { alarm: 'partition_blocked', place: { ...place, partition: '1' }, value: 1 },
    ]);
  });

  it('shows on /readyz how much is parked and which partitions wait for room', () => {
    expect(parkingDetails([partition(0, true), partition(1, false), opening])).toEqual({
      parkedKeys: 2,
      parkedMessages: 6,
      waitingForRoom: ['notes/0'],
    });
  });
});
