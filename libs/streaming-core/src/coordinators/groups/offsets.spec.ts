import { describe, expect, it } from '@jest/globals';
import { minutes } from '../../runtime/index.ts';
import { errorCodes } from '../../protocol/errors.ts';
import {
  awaiting,
  groupId,
  identity,
  joining,
  offsetOf,
  openBench,
  rebalanceAll,
  restarted,
  settle,
  stableGroup,
  anyone,
  codes,
  offsets,
} from './coordinator.bench.ts';

describe('OffsetCommit', () => {
  it('accepts any client for a group without members, and creates the group', async () => {
    const { coordinator } = await openBench();

    expect(await codes(coordinator.commitOffsets(anyone, [offsetOf(0, 7n)]))).toEqual([errorCodes.NONE]);
    expect(coordinator.list()).toEqual([{ groupId, protocolType: '', state: 'Empty' }]);
    expect(coordinator.fetchOffsets(groupId, null)).toEqual([offsetOf(0, 7n)]);
  });

  it('accepts members of the current generation only', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1);
    const member = identity(first!.joined);
    const commit = (given: object) =>
      codes(bench.coordinator.commitOffsets({ ...member, ...given }, [offsetOf(0, 7n)]));

    expect(await commit({})).toEqual([errorCodes.NONE]);
    expect(await commit({ generationId: 2 })).toEqual([errorCodes.ILLEGAL_GENERATION]);
    expect(await commit({ memberId: 'nobody' })).toEqual([errorCodes.UNKNOWN_MEMBER_ID]);
    expect(await commit({ memberId: '', generationId: -1 })).toEqual([errorCodes.UNKNOWN_MEMBER_ID]);
    expect(await commit({ groupId: 'unheard-of' })).toEqual([errorCodes.GROUP_ID_NOT_FOUND]);
  });

  it('is accepted while members rejoin, and rejected until the leader has assigned', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1);
    void bench.coordinator.join(joining());
    expect(await codes(bench.coordinator.commitOffsets(identity(first!.joined), [offsetOf(0, 7n)]))).toEqual([
      errorCodes.NONE,
    ]);
    const again = await bench.coordinator.join(joining({ memberId: first!.joined.memberId }));

    expect(await codes(bench.coordinator.commitOffsets(identity(again), [offsetOf(0, 8n)]))).toEqual([
      errorCodes.REBALANCE_IN_PROGRESS,
    ]);
    expect(offsets(bench.coordinator.fetchOffsets(groupId, null))).toEqual([[0, 7n]]);
  });

  it('renews the session', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1);
    for (let commit = 0; commit < 4; commit += 1) {
      await bench.clock.advance(9_000);
      await bench.coordinator.commitOffsets(identity(first!.joined), [offsetOf(0, BigInt(commit))]);
    }

    expect(bench.coordinator.heartbeat(identity(first!.joined))).toBe(errorCodes.NONE);
  });

  it('returns a code for each partition: metadata too long, topic or partition unknown', async () => {
    const { coordinator } = await openBench();
    const commit = [
      offsetOf(0, 1n, 'x'.repeat(4_096)),
      offsetOf(1, 1n, 'ü'.repeat(4_097)),
      offsetOf(2, 1n, 'ü'.repeat(4_096)),
      offsetOf(6, 1n),
      { ...offsetOf(0, 1n), topic: 'gone' },
    ];

    expect(await codes(coordinator.commitOffsets(anyone, commit))).toEqual([
      errorCodes.NONE,
      errorCodes.OFFSET_METADATA_TOO_LARGE,
      errorCodes.NONE,
      errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
      errorCodes.UNKNOWN_TOPIC_OR_PARTITION,
    ]);
    expect(offsets(coordinator.fetchOffsets(groupId, null))).toEqual([
      [0, 1n],
      [2, 1n],
    ]);
  });

  it('creates no group for an unknown partition, but an empty one when an offset is rejected', async () => {
    const { coordinator, clock } = await openBench();
    await coordinator.commitOffsets(anyone, [offsetOf(6, 1n)]);
    expect(coordinator.list()).toEqual([]);

    await coordinator.commitOffsets(anyone, [offsetOf(0, 1n, 'x'.repeat(4_097))]);
    expect(coordinator.list()).toMatchObject([{ groupId, state: 'Empty' }]);
    await clock.advance(minutes(10));
    expect(coordinator.list()).toEqual([]);
  });

  it('is answered and visible only once it is on disk', async () => {
    const bench = await openBench();
    await bench.coordinator.commitOffsets(anyone, [offsetOf(0, 1n)]);
    bench.logs.hold();
    const commit = awaiting(bench.coordinator.commitOffsets(anyone, [offsetOf(0, 2n)]));
    await settle();
    expect(commit.result).toBeUndefined();
    expect(offsets(bench.coordinator.fetchOffsets(groupId, null))).toEqual([[0, 1n]]);
    bench.logs.release();
    await settle();

    expect(commit.result?.[0]?.errorCode).toBe(errorCodes.NONE);
    expect(offsets(bench.coordinator.fetchOffsets(groupId, null))).toEqual([[0, 2n]]);
  });

  it('becomes visible in the order of the log, whatever the order in which the disk completes', async () => {
    const bench = await openBench();
    await bench.coordinator.commitOffsets(anyone, [offsetOf(0, 1n)]);
    bench.logs.hold();
    const commits = [2n, 3n].map((offset) => bench.coordinator.commitOffsets(anyone, [offsetOf(0, offset)]));
    await settle();
    bench.logs.release('last first');
    await Promise.all(commits);

    expect(offsets(bench.coordinator.fetchOffsets(groupId, null))).toEqual([[0, 3n]]);
  });

  it('is rejected and not visible when the disk is broken', async () => {
    const bench = await openBench();
    await bench.coordinator.commitOffsets(anyone, [offsetOf(0, 1n)]);
    bench.logs.broken = true;

    expect(await codes(bench.coordinator.commitOffsets(anyone, [offsetOf(0, 2n)]))).toEqual([
      errorCodes.NOT_COORDINATOR,
    ]);
    expect(offsets(bench.coordinator.fetchOffsets(groupId, null))).toEqual([[0, 1n]]);
  });

  it('is split into batches that the log accepts', async () => {
    const bench = await openBench({ offsetBatchBytesMax: 500 });
    bench.logs.addTopic('wide', 40);
    const commit = Array.from({ length: 40 }, (_, partition) => ({
      ...offsetOf(partition, 5n, 'note'),
      topic: 'wide',
    }));
    expect(new Set(await codes(bench.coordinator.commitOffsets(anyone, commit)))).toEqual(
      new Set([errorCodes.NONE]),
    );

    expect(bench.logs.batchesOf('__consumer_offsets')).toBeGreaterThan(3);
    expect((await restarted(bench)).coordinator.fetchOffsets(groupId, null)).toEqual(commit);
  });
});

describe('OffsetFetch', () => {
  it('returns -1 without an error for offsets never committed, also in an unknown group', async () => {
    const { coordinator } = await openBench();
    await coordinator.commitOffsets(anyone, [offsetOf(0, 7n, 'note')]);
    const places = [0, 1].map((partition) => ({ topic: 'orders', partition }));
    const never = (partition: number) => ({ ...offsetOf(partition, -1n), leaderEpoch: -1 });

    expect(coordinator.fetchOffsets(groupId, places)).toEqual([offsetOf(0, 7n, 'note'), never(1)]);
    expect(coordinator.fetchOffsets('unheard-of', places)).toEqual([never(0), never(1)]);
    expect(coordinator.fetchOffsets('unheard-of', null)).toEqual([]);
  });
});

describe('DescribeGroups and ListGroups', () => {
  it('call an unknown group dead, and show members, metadata and assignments of a stable one', async () => {
    const bench = await openBench();
    expect(bench.coordinator.describe('unheard-of')).toMatchObject({
      state: 'Dead',
      errorCode: errorCodes.NONE,
      members: [],
    });
    const [first] = await rebalanceAll(bench, [{}], ([id]) => ({ [id!]: 'all' }));

    expect(bench.coordinator.describe(groupId)).toEqual({
      errorCode: errorCodes.NONE,
      groupId,
      state: 'Stable',
      protocolType: 'consumer',
      protocolName: 'range',
      members: [
        {
          memberId: first!.joined.memberId,
          groupInstanceId: null,
          clientId: 'client',
          clientHost: '/127.0.0.1',
          metadata: Buffer.from('orders'),
          assignment: Buffer.from('all'),
        },
      ],
    });
  });

  it('list groups in every state', async () => {
    const bench = await openBench();
    await stableGroup(bench, 1);
    void bench.coordinator.join(joining());
    await bench.coordinator.commitOffsets({ ...anyone, groupId: 'simple' }, [offsetOf(0, 1n)]);
    await bench.coordinator.join(joining({ groupId: 'young' }));

    expect(bench.coordinator.list()).toEqual([
      { groupId, protocolType: 'consumer', state: 'PreparingRebalance' },
      { groupId: 'simple', protocolType: '', state: 'Empty' },
      { groupId: 'young', protocolType: 'consumer', state: 'CompletingRebalance' },
    ]);
  });
});

describe('a deleted topic', () => {
  it('loses its committed offsets, also after a restart', async () => {
    const bench = await openBench();
    bench.logs.addTopic('payments', 1);
    await bench.coordinator.commitOffsets(anyone, [
      offsetOf(0, 1n),
      { ...offsetOf(0, 2n), topic: 'payments' },
    ]);
    await bench.coordinator.commitOffsets({ ...anyone, groupId: 'only-orders' }, [offsetOf(3, 1n)]);
    await bench.coordinator.forgetTopic('orders');
    await bench.clock.advance(minutes(10));

    for (const { coordinator } of [bench, await restarted(bench)]) {
      expect(coordinator.fetchOffsets(groupId, null)).toEqual([{ ...offsetOf(0, 2n), topic: 'payments' }]);
      expect(coordinator.list().map((group) => group.groupId)).toEqual([groupId]);
    }
  });

  it('loses offsets whose commit was in progress', async () => {
    const bench = await openBench();
    await bench.coordinator.commitOffsets(anyone, [offsetOf(1, 1n)]);
    bench.logs.hold();
    const commit = bench.coordinator.commitOffsets(anyone, [offsetOf(0, 1n)]);
    const forgotten = bench.coordinator.forgetTopic('orders');
    await settle();
    bench.logs.release();
    await Promise.all([commit, forgotten]);

    expect(bench.coordinator.fetchOffsets(groupId, null)).toEqual([]);
  });

  it('loses its offsets at the next start if a crash interrupted the deletion', async () => {
    const bench = await openBench();
    await bench.coordinator.commitOffsets(anyone, [offsetOf(0, 1n)]);
    bench.logs.dropTopic('orders');
    const next = await restarted(bench);

    expect(next.coordinator.fetchOffsets(groupId, null)).toEqual([]);
    await next.clock.advance(minutes(10));
    expect(next.coordinator.list()).toEqual([]);
  });
});
