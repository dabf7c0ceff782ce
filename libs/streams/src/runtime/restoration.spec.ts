import { describe, expect, it } from '@jest/globals';
import { ClientError, type FetchedRecord } from '@millrace/streaming-core/client';
import { hours, minutes } from '@millrace/streaming-core/runtime';
import { restore, type RestoredTask } from './restoration.ts';
import { undecodedRecords } from './waiting-records.fixture.ts';

const place = { topic: 'changelog', partition: 0 };

const recordAt = (offset: bigint): FetchedRecord => ({
  ...place,
  offset,
  timestampMs: 1,
  key: Buffer.from(`k${offset}`),
  value: Buffer.from('v'),
  headers: new Map(),
  headerList: [],
});

/**
 * A changelog from `begin` to `end`, of which each fetch returns a few offsets. Odd offsets are
 * markers.
 */
function changelog(begin: bigint, end: bigint, failures: readonly Error[] = [], fetchOffsets = 2) {
  const left = [...failures];
  return {
    beginningOffsets: async () => [{ ...place, offset: begin }],
    endOffsets: async () => [{ ...place, offset: end }],
    async fetchUndecoded([position]: readonly { readonly offset: bigint }[]) {
      const failure = left.shift();
      if (failure !== undefined) throw failure;
      const { offset } = position!;
      const offsets = Array.from({ length: fetchOffsets }, (_each, index) => offset + BigInt(index));
      const records = offsets.filter((at) => at % 2n === 0n && at < end).map(recordAt);
      const next = offset + BigInt(fetchOffsets);
      const nextOffset = next < end ? next : end;
      return [{ ...place, records: undecodedRecords(records), nextOffset, highWatermark: end }];
    },
  };
}

function taskAt(stored: bigint | null) {
  const restored: string[] = [];
  const kept: bigint[] = [];
  const task: RestoredTask = {
    changelogs: new Map([['counts', place]]),
    restoredOffset: () => stored,
    restore: (store, records) => restored.push(...records.map(({ key }) => `${store} ${String(key)}`)),
    keepRestored: (offsets) => void kept.push(offsets.get('changelog')!),
  };
  return { task, restored, kept };
}

const partsOf = (log: ReturnType<typeof changelog>, isCurrent = () => true) => {
  const remaining: number[] = [];
  const onProgress = (records: number) => void remaining.push(records);
  const clock = { now: () => 0 };
  return { reader: log, ends: log, clock, batchRecordsMax: 2, isCurrent, onProgress, remaining };
};

describe('a restoration', () => {
  it('T06 applies the changelog from its beginning to its end, and commits it in batches with the offset', async () => {
    const { task, restored, kept } = taskAt(null);
    const parts = partsOf(changelog(0n, 9n));

    expect(await restore([task], parts)).toBe(true);
    expect(restored).toEqual(['counts k0', 'counts k2', 'counts k4', 'counts k6', 'counts k8']);
    expect(kept).toEqual([4n, 8n, 9n]);
    expect(parts.remaining).toEqual([9, 7, 5, 3, 1, 0]);
  });

  it('stamps a task as caught up once all of its changelogs are at their ends, and not before', async () => {
    const other = { topic: 'other', partition: 0 };
    const kept: (readonly [string, bigint, boolean])[] = [];
    const task: RestoredTask = {
      ...taskAt(null).task,
      changelogs: new Map([
        ['counts', place],
        ['others', other],
      ]),
      keepRestored: (offsets, isCaughtUp) =>
        offsets.forEach((offset, topic) => kept.push([topic, offset, isCaughtUp])),
    };
    const short = changelog(0n, 3n);
    const long = changelog(0n, 5n);
    const both = {
      beginningOffsets: async () => [...(await short.beginningOffsets()), ...(await long.beginningOffsets())],
      endOffsets: async () => [...(await short.endOffsets()), ...(await long.endOffsets())],
      fetchUndecoded: async (positions: readonly { readonly topic: string; readonly offset: bigint }[]) =>
        (
          await Promise.all(
            positions.map((position) =>
              (position.topic === 'other' ? long : short).fetchUndecoded([position]),
            ),
          )
        ).flat(),
    };

    expect(await restore([task], { ...partsOf(short), reader: both, ends: both })).toBe(true);
    expect(kept).toEqual([
      ['changelog', 3n, false],
      ['other', 4n, false],
      ['other', 5n, true],
    ]);
  });

  it.each([
    [minutes(59), true],
    [hours(2), false],
  ])('that takes %i ms stamps a task as caught up: %s', async (tookMs, isCaughtUp) => {
    let nowMs = 0;
    const said: boolean[] = [];
    const task: RestoredTask = { ...taskAt(null).task, keepRestored: (_offsets, is) => void said.push(is) };
    const log = changelog(0n, 2n);
    const reader = {
      ...log,
      async fetchUndecoded(positions: readonly { readonly offset: bigint }[]) {
        nowMs += tookMs;
        return log.fetchUndecoded(positions);
      },
    };

    expect(await restore([task], { ...partsOf(reader), clock: { now: () => nowMs } })).toBe(true);
    expect(said).toEqual([isCaughtUp]);
  });

  it('applies all records of a fetch, however many they are', async () => {
    for (const records of [511, 512, 513, 1_024, 1_100]) {
      const { task, restored, kept } = taskAt(null);
      const end = BigInt(2 * records);
      await restore([task], partsOf(changelog(0n, end, [], 2 * records)));

      expect(restored).toEqual(Array.from({ length: records }, (_each, index) => `counts k${2 * index}`));
      expect(kept).toEqual([end]);
    }
  });

  it('begins at the offset of the state', async () => {
    const { task, restored } = taskAt(4n);
    await restore([task], partsOf(changelog(0n, 7n)));

    expect(restored).toEqual(['counts k4', 'counts k6']);
  });

  it('reads nothing if the state is complete', async () => {
    const { task, restored, kept } = taskAt(7n);
    const log = changelog(0n, 7n, [new Error('nobody should read')]);

    expect(await restore([task], partsOf(log))).toBe(true);
    expect(restored).toEqual([]);
    expect(kept).toEqual([]);
  });

  it('begins at the log start offset if earlier records were deleted', async () => {
    const { task, restored } = taskAt(2n);
    await restore([task], partsOf(changelog(6n, 9n)));

    expect(restored).toEqual(['counts k6', 'counts k8']);
  });

  it('continues after an outage, and rejects with a permanent error', async () => {
    const outage = new ClientError('unreachable', 'away');
    const { task, restored } = taskAt(null);
    await restore([task], partsOf(changelog(0n, 3n, [outage, outage])));
    expect(restored).toEqual(['counts k0', 'counts k2']);

    const refused = restore(
      [taskAt(null).task],
      partsOf(changelog(0n, 3n, [new ClientError('access_refused', 'no')])),
    );

    await expect(refused).rejects.toThrow('no');
  });

  it('ends when the tasks are revoked', async () => {
    const { task, restored } = taskAt(null);
    let rounds = 0;
    const parts = partsOf(changelog(0n, 100n), () => rounds++ < 2);

    expect(await restore([task], parts)).toBe(false);
    expect(restored).toHaveLength(2);
  });
});
