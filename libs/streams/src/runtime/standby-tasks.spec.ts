import { describe, expect, it } from '@jest/globals';
import type { FetchedPartition, FetchedRecord } from '@millrace/streaming-core/client';
import { seconds } from '@millrace/streaming-core/runtime';
import type { TaskPlan } from '../assignment/tasks.ts';
import { StandbyTasks, type StandbyTask } from './standby-tasks.ts';

const places = ['counts', 'sums'].map((topic) => ({ topic, partition: 0 }));
const plan = { name: '0_0' } as TaskPlan;

const record: FetchedRecord = {
  ...places[0]!,
  offset: 4n,
  timestampMs: 1,
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  headers: new Map(),
  headerList: [],
};

type Fetched = Partial<FetchedPartition<FetchedRecord>>;

/** A standby task of two changelogs that are always fetched like this, and more than an hour of fetches. */
function standbyOf(fetched: readonly Fetched[]) {
  let nowMs = 0;
  let fetches = 0;
  const kept: ReadonlyMap<string, bigint>[] = [];
  const caughtUp: ReadonlyMap<string, bigint>[] = [];
  const task: StandbyTask = {
    changelogs: new Map(places.map((place) => [`${place.topic}-store`, place])),
    restoredOffset: () => 4n,
    restore: () => {},
    keepRestored: (offsets, isCaughtUp) => void (isCaughtUp ? caughtUp : kept).push(offsets),
    close: () => {},
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  const standbys = new StandbyTasks({
    clock: { now: () => nowMs },
    reader: {
      beginningOffsets: async () => places.map((place) => ({ ...place, offset: 0n })),
      async fetch() {
        fetches += 1;
        nowMs += seconds(40);
        if (fetches === 200) resolve();
        await new Promise((next) => setImmediate(next));
        return places.map((place, index): FetchedPartition<FetchedRecord> => {
          const ends = { nextOffset: 5n, highWatermark: 5n };
          return { ...place, records: [], ...ends, ...fetched[index] };
        });
      },
    },
    expect: async () => new Map(),
    open: () => task,
    onError: (error) => {
      throw error;
    },
  });
  return { standbys, kept, caughtUp, afterSomeFetches: promise };
}

const ends = new Map(places.map(({ topic }) => [topic, 5n]));

describe('a standby task', () => {
  it.each<[string, readonly Fetched[]]>([
    ['without new records, beyond the last markers', [{}, {}]],
    ['with new records in each fetch', [{ records: [record] }, {}]],
    ['with an open transaction after its last record', [{ highWatermark: 9n, lastStableOffset: 5n }, {}]],
  ])('keeps every hour and at its end that it has all of its changelogs, %s', async (_title, fetched) => {
    const { standbys, caughtUp, afterSomeFetches } = standbyOf(fetched);
    standbys.begin([plan]);
    await afterSomeFetches;
    const whileItFollows = [...caughtUp];
    await standbys.end();

    expect(whileItFollows).toEqual([ends, ends]);
    expect(caughtUp).toEqual([ends, ends, ends]);
  });

  it('does not keep so while one of them has more, although it gets records', async () => {
    const { standbys, kept, caughtUp, afterSomeFetches } = standbyOf([
      { records: [record] },
      { highWatermark: 6n },
    ]);
    standbys.begin([plan]);
    await afterSomeFetches;
    await standbys.end();

    expect(kept).toContainEqual(new Map([['counts', 5n]]));
    expect(caughtUp).toEqual([]);
  });
});
