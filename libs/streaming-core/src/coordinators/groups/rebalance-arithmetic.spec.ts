import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '../../protocol/errors.ts';
import {
  awaiting,
  groupId,
  identity,
  joining,
  openBench,
  rebalanceAll,
  settle,
  syncing,
  type Bench,
  type SyncedMember,
} from './coordinator.bench.ts';

/**
 * Assigns like the range assignor: the first `partitions % members` members get one more partition.
 */
function range(memberIds: readonly string[], partitions = 6): Record<string, string> {
  const share = Math.floor(partitions / memberIds.length);
  const extra = partitions % memberIds.length;
  const shares = memberIds.map((id, index) => {
    const start = index * share + Math.min(index, extra);
    return [
      id,
      Array.from({ length: share + (index < extra ? 1 : 0) }, (_, offset) => start + offset).join(),
    ] as const;
  });
  return Object.fromEntries(shares);
}

const partitionsOf = ({ synced }: SyncedMember) =>
  synced.assignment.length === 0 ? [] : synced.assignment.toString().split(',').map(Number);
const counts = (members: readonly SyncedMember[]) =>
  members.map((member) => partitionsOf(member).length).sort((a, b) => b - a);
const known = (members: readonly SyncedMember[]) =>
  members.map(({ joined }) => ({ memberId: joined.memberId }));

/** Newcomers join first; the existing members follow after their heartbeats. */
const grow = (bench: Bench, members: readonly SyncedMember[], newcomers: number) =>
  rebalanceAll(bench, [...Array.from({ length: newcomers }, () => ({})), ...known(members)], range);

async function groupOf(bench: Bench, size: number): Promise<SyncedMember[]> {
  const first = await rebalanceAll(bench, [{}], range);
  return size === 1 ? first : grow(bench, first, size - 1);
}

function expectEachPartitionOnce(members: readonly SyncedMember[]): void {
  expect(members.flatMap(partitionsOf).sort()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(new Set(members.map(({ joined }) => joined.generationId)).size).toBe(1);
}

describe('two groups over six partitions', () => {
  it.each([
    [3, [2, 2, 2]],
    [2, [3, 3]],
    [8, [1, 1, 1, 1, 1, 1, 0, 0]],
  ])('%i members own %j', async (size, shares) => {
    const members = await groupOf(await openBench(), size);

    expect(counts(members)).toEqual(shares);
    expectEachPartitionOnce(members);
  });

  it('rebalance independently of each other', async () => {
    const bench = await openBench();
    const [one] = await groupOf(bench, 3);
    await bench.coordinator.join(joining({ groupId: 'b' }));
    void bench.coordinator.join(joining({ groupId: 'b' }));

    expect(bench.coordinator.heartbeat(identity(one!.joined))).toBe(errorCodes.NONE);
    expect(bench.coordinator.describe('b').state).toBe('PreparingRebalance');
  });
});

describe('a rebalance of six partitions', () => {
  it('gives 2, 2, 1, 1 after a fourth member joins', async () => {
    const bench = await openBench();
    const members = await grow(bench, await groupOf(bench, 3), 1);

    expect(counts(members)).toEqual([2, 2, 1, 1]);
    expectEachPartitionOnce(members);
  });

  it('gives 2, 2, 2 after one of four leaves, and 3, 3 after one of three leaves', async () => {
    const bench = await openBench();
    let members = await groupOf(bench, 4);
    for (const expected of [
      [2, 2, 2],
      [3, 3],
    ]) {
      const gone = members.pop()!;
      await bench.coordinator.leave(groupId, [{ memberId: gone.joined.memberId, groupInstanceId: null }]);
      for (const { joined } of members)
        expect(bench.coordinator.heartbeat(identity(joined))).toBe(errorCodes.REBALANCE_IN_PROGRESS);
      members = await rebalanceAll(bench, known(members), range);
      expect(counts(members)).toEqual(expected);
      expectEachPartitionOnce(members);
    }
  });

  it.each(['leader', 'follower'])(
    'shares the partitions of a dead %s among the others after its session timeout',
    async (who) => {
      const bench = await openBench();
      const members = await groupOf(bench, 4);
      const dead = members.findIndex(
        ({ joined }) => (joined.memberId === joined.leader) === (who === 'leader'),
      );
      const alive = members.filter((_, index) => index !== dead);
      await bench.clock.advance(6_000);
      for (const { joined } of alive)
        expect(bench.coordinator.heartbeat(identity(joined))).toBe(errorCodes.NONE);
      await bench.clock.advance(4_000);
      for (const { joined } of alive)
        expect(bench.coordinator.heartbeat(identity(joined))).toBe(errorCodes.REBALANCE_IN_PROGRESS);
      const after = await rebalanceAll(bench, known(alive), range);

      expect(counts(after)).toEqual([2, 2, 2]);
      expectEachPartitionOnce(after);
      expect(after[0]?.joined.generationId).toBe(members[0]!.joined.generationId + 1);
    },
  );

  it('continues under another leader if the leader dies before it has assigned', async () => {
    const bench = await openBench();
    const members = await groupOf(bench, 3);
    const leader = members.find(({ joined }) => joined.memberId === joined.leader)!;
    const rejoin = (memberId: string) =>
      bench.coordinator.join(joining({ memberId, rebalanceTimeoutMs: 20_000 }));
    const others = members.filter((member) => member !== leader).map(({ joined }) => joined.memberId);
    const [, ...joined] = await Promise.all([rejoin(leader.joined.memberId), ...others.map(rejoin)]);
    const waiting = joined.map((each) => awaiting(bench.coordinator.sync(syncing(each))));
    await bench.clock.advance(10_000);
    expect(waiting.map(({ result }) => result?.errorCode)).toEqual([
      errorCodes.REBALANCE_IN_PROGRESS,
      errorCodes.REBALANCE_IN_PROGRESS,
    ]);

    const after = await rebalanceAll(
      bench,
      others.map((memberId) => ({ memberId })),
      range,
    );
    await settle();
    expect(counts(after)).toEqual([3, 3]);
    expectEachPartitionOnce(after);
  });
});
