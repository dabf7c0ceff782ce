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

/** A standby task of two changelogs whose fetches always return this, for more than an hour. */
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
    discardIfCorrupt: () => false,
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
    onDamaged: () => {},
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
  ])('is stamped as caught up every hour and at its end, %s', async (_title, fetched) => {
    const { standbys, caughtUp, afterSomeFetches } = standbyOf(fetched);
    standbys.begin([plan]);
    await afterSomeFetches;
    const whileItFollows = [...caughtUp];
    await standbys.end();

    expect(whileItFollows).toEqual([ends, ends]);
    expect(caughtUp).toEqual([ends, ends, ends]);
  });

  it('is not stamped while one changelog has more records, although it gets some', async () => {
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

const corruption = Object.assign(new Error('database disk image is malformed'), {
  code: 'ERR_SQLITE_ERROR',
  errcode: 11,
});

interface Disk {
  /** Called for each task that is opened. */
  readonly onOpen?: () => void;
  /** Whether the first task finds its state damaged, given how often it has restored rows. */
  readonly isDamaged?: (restores: number) => boolean;
}

/**
 * Two standby tasks, the first of which has a disk of its own, and a log of what happens to them.
 */
function twoStandbys({ onOpen, isDamaged = () => false }: Disk) {
  const seen: string[] = [];
  let restores = 0;
  const taskOf = (name: string): StandbyTask => {
    let damaged = false;
    return {
      changelogs: new Map([[`${name}-store`, { topic: name, partition: 0 }]]),
      restoredOffset: () => null,
      restore() {
        if (name !== 'first') return;
        restores += 1;
        damaged = isDamaged(restores);
        if (damaged) throw corruption;
      },
      keepRestored: () => {},
      discardIfCorrupt() {
        if (damaged) seen.push(`${name} discarded`);
        return damaged;
      },
      close: () => void seen.push(`${name} closed`),
    };
  };
  const ended = Promise.withResolvers<void>();
  const followed = Promise.withResolvers<void>();
  let nowMs = 0;
  const standbys = new StandbyTasks({
    clock: { now: () => nowMs },
    reader: {
      beginningOffsets: async (asked) => asked.map((place) => ({ ...place, offset: 0n })),
      async fetch(positions) {
        nowMs += seconds(40);
        await new Promise((next) => setImmediate(next));
        if (restores > 3) followed.resolve();
        return positions.map(({ topic, partition, offset }) => {
          const at = { topic, partition, nextOffset: offset + 1n, highWatermark: offset + 1n };
          return { ...at, records: [{ ...record, topic, offset }] };
        });
      },
    },
    expect: async () => new Map(),
    open({ name }) {
      onOpen?.();
      seen.push(`${name} opened`);
      return taskOf(name);
    },
    onDamaged: (name, error) => void seen.push(`${name} damaged: ${(error as Error).message}`),
    onError(error) {
      seen.push((error as Error).message);
      ended.resolve();
    },
  });
  standbys.begin([{ name: 'first' }, { name: 'second' }] as TaskPlan[]);
  return { standbys, seen, ended: ended.promise, followed: followed.promise };
}

describe('the files of standby tasks', () => {
  const healed = [
    'first discarded',
    'first damaged: database disk image is malformed',
    'second closed',
    'first opened',
    'second opened',
  ];

  it('are restored if they are found damaged', async () => {
    const { standbys, seen, followed } = twoStandbys({ isDamaged: (restores) => restores === 2 });
    await followed;
    await standbys.end();

    expect(seen).toEqual(['first opened', 'second opened', ...healed, 'first closed', 'second closed']);
  });

  it('are given up until the next assignment if they are soon damaged again', async () => {
    const { seen, ended } = twoStandbys({ isDamaged: (restores) => restores > 1 });
    await ended;

    const end = ['first closed', 'second closed', 'database disk image is malformed'];
    expect(seen).toEqual(['first opened', 'second opened', ...healed, ...end]);
  });

  it('are closed if a later one cannot be opened', async () => {
    const failures = [undefined, new Error('the disk is full')];
    const onOpen = () => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
    };
    const { seen, ended } = twoStandbys({ onOpen });
    await ended;

    expect(seen).toEqual(['first opened', 'first closed', 'the disk is full']);
  });
});
