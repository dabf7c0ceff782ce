import { describe, expect, it } from '@jest/globals';
import type { FetchedPartition, FetchedRecord } from '@millrace/streaming-core/client';
import { seconds } from '@millrace/streaming-core/runtime';
import type { TaskPlan } from '../assignment/tasks.ts';
import { StandbyTasks, type StandbyTask } from './standby-tasks.ts';

const places = ['counts', 'sums'].map((topic) => ({ topic, partition: 0 }));
const plan = { name: '0_0' } as TaskPlan;

/** A standby task of two changelogs that get no records, and more than an hour of fetches. */
function quietStandby(highWatermarks: readonly bigint[]) {
  let nowMs = 0;
  let fetches = 0;
  const kept: ReadonlyMap<string, bigint>[] = [];
  const task: StandbyTask = {
    changelogs: new Map(places.map((place) => [`${place.topic}-store`, place])),
    restoredOffset: () => 4n,
    restore: () => {},
    keepRestored: (offsets) => void kept.push(offsets),
    close: () => {},
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  const standbys = new StandbyTasks({
    clock: { now: () => (nowMs += seconds(40)) },
    reader: {
      beginningOffsets: async () => places.map((place) => ({ ...place, offset: 0n })),
      async fetch() {
        fetches += 1;
        if (fetches === 200) resolve();
        await new Promise((next) => setImmediate(next));
        return places.map((place, index): FetchedPartition<FetchedRecord> => ({
          ...place,
          records: [],
          nextOffset: 5n,
          highWatermark: highWatermarks[index]!,
        }));
      },
    },
    expect: async () => new Map(),
    open: () => task,
    onError: (error) => {
      throw error;
    },
  });
  return { standbys, kept, afterSomeFetches: promise };
}

describe('a standby task without new records', () => {
  it('keeps every hour and at its end that it has all of its changelogs, beyond the last markers', async () => {
    const { standbys, kept, afterSomeFetches } = quietStandby([5n, 5n]);
    const ends = new Map(places.map(({ topic }) => [topic, 5n]));
    standbys.begin([plan]);
    await afterSomeFetches;
    const whileItFollows = [...kept];
    await standbys.end();

    expect(whileItFollows).toEqual([ends, ends]);
    expect(kept).toEqual([ends, ends, ends]);
  });

  it('does not keep so while one of them has more', async () => {
    const { standbys, kept, afterSomeFetches } = quietStandby([5n, 6n]);
    standbys.begin([plan]);
    await afterSomeFetches;
    await standbys.end();

    expect(kept).toEqual([]);
  });
});
