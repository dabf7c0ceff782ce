import { describe, expect, it } from '@jest/globals';
import { days, hours, minutes } from '../../runtime/index.ts';
import {
  groupId,
  identity,
  joining,
  offsetOf,
  openBench,
  restarted,
  settle,
  stableGroup,
  syncing,
  type Bench,
} from './coordinator.bench.ts';

const anyone = { groupId, memberId: '', generationId: -1, groupInstanceId: null };
const producer = { producerId: 7n, producerEpoch: 0 };
const partitionsIn = ({ coordinator }: Bench) =>
  coordinator.fetchOffsets(groupId, null).map(({ partition }) => partition);

async function abandonedGroup(bench: Bench): Promise<void> {
  const [member] = await stableGroup(bench, 1);
  await bench.coordinator.commitOffsets(identity(member!.joined), [offsetOf(0, 1n)]);
  await bench.coordinator.leave(groupId, [{ memberId: member!.joined.memberId, groupInstanceId: null }]);
}

describe('group retention', () => {
  it('removes a group and its offsets after a week without members, also after a restart', async () => {
    const bench = await openBench();
    await abandonedGroup(bench);
    await bench.clock.advance(days(7) - 1);
    expect(partitionsIn(bench)).toEqual([0]);
    await bench.clock.advance(minutes(10));

    for (const { coordinator } of [bench, await restarted(bench)]) {
      expect(coordinator.fetchOffsets(groupId, null)).toEqual([]);
      expect(coordinator.list()).toEqual([]);
    }
  });

  it('L50 keeps everything of a group with members, however old its commits are', async () => {
    const bench = await openBench();
    const [member] = await stableGroup(bench, 1, { sessionTimeoutMs: minutes(30) });
    await bench.coordinator.commitOffsets(identity(member!.joined), [offsetOf(0, 1n)]);
    for (let past = 0; past < days(8); past += minutes(29)) {
      bench.coordinator.heartbeat(identity(member!.joined));
      await bench.clock.advance(minutes(29));
    }

    expect(partitionsIn(bench)).toEqual([0]);
  });

  it('keeps an offset forever if its client asks for the longest possible time', async () => {
    const bench = await openBench();
    await bench.coordinator.commitOffsets(anyone, [offsetOf(0, 1n)], 2n ** 63n - 1n);
    await bench.clock.advance(days(8));

    for (const { coordinator } of [bench, await restarted(bench)])
      expect(coordinator.fetchOffsets(groupId, null)).toMatchObject([{ partition: 0, offset: 1n }]);
  });

  it('keeps a group that a member is about to join', async () => {
    const bench = await openBench();
    await abandonedGroup(bench);
    await bench.clock.advance(days(7) - 1);
    await bench.coordinator.join(joining({ requireKnownMemberId: true, sessionTimeoutMs: minutes(20) }));
    await bench.clock.advance(minutes(10));

    expect(partitionsIn(bench)).toEqual([0]);
  });

  it('expires each offset separately, from its commit, in a group that never had members', async () => {
    const bench = await openBench();
    await bench.coordinator.commitOffsets(anyone, [offsetOf(0, 1n)]);
    await bench.clock.advance(hours(1));
    await bench.coordinator.commitOffsets(anyone, [offsetOf(1, 1n)]);
    await bench.clock.advance(days(7) - 1);
    expect(partitionsIn(bench)).toEqual([1]);
    await bench.clock.advance(minutes(10));

    expect(partitionsIn(bench)).toEqual([]);
    expect(bench.coordinator.list()).toEqual([]);
  });

  it('keeps an offset that is being committed again when it expires', async () => {
    const bench = await openBench();
    const { coordinator, clock, logs } = bench;
    await coordinator.commitOffsets(anyone, [offsetOf(0, 1n)]);
    await clock.advance(days(7) - minutes(5));
    logs.hold();
    const others = coordinator.commitOffsets({ ...anyone, groupId: 'another' }, [offsetOf(1, 1n)]);
    await settle();
    const commit = coordinator.commitOffsets(anyone, [offsetOf(0, 2n)]);
    await clock.advance(minutes(20));
    logs.release();
    await Promise.all([commit, others]);
    await settle();

    for (const { coordinator: each } of [bench, await restarted(bench)])
      expect(each.fetchOffsets(groupId, null)).toMatchObject([{ partition: 0, offset: 2n }]);
  });

  it('keeps an offset for as long as its client asked, whatever the settings say', async () => {
    const bench = await openBench();
    await bench.coordinator.commitOffsets(anyone, [offsetOf(0, 1n)], BigInt(hours(1)));
    await bench.coordinator.commitOffsets(anyone, [offsetOf(1, 1n)], BigInt(days(30)));
    const again = await restarted(bench);
    await bench.coordinator.close();
    await again.clock.advance(hours(1));
    expect(partitionsIn(again)).toEqual([1]);
    await again.clock.advance(days(29));
    expect(partitionsIn(again)).toEqual([1]);
    await again.clock.advance(days(1));
    expect(partitionsIn(again)).toEqual([]);
  });

  it('L50 keeps an offset of an open transaction, and its group, until the transaction ends', async () => {
    const bench = await openBench();
    const { coordinator, clock } = bench;
    await coordinator.commitOffsets(anyone, [offsetOf(0, 1n), offsetOf(1, 1n)]);
    await coordinator.commitInTransaction(anyone, [offsetOf(0, 2n)], producer);
    await clock.advance(days(8));
    expect(partitionsIn(bench)).toEqual([0]);
    await coordinator.endTransaction(await coordinator.partitionOf(groupId), {
      ...producer,
      coordinatorEpoch: 0,
      committed: false,
    });
    await clock.advance(minutes(10));
    expect(partitionsIn(bench)).toEqual([]);
    expect(coordinator.list()).toEqual([]);
  });

  it('removes a group without members and commits, but not one that an open transaction may commit for', async () => {
    const bench = await openBench();
    const { coordinator, clock } = bench;
    await coordinator.commitInTransaction(
      { ...anyone, groupId: 'transactional' },
      [offsetOf(0, 2n)],
      producer,
    );
    const [member] = await stableGroup(bench, 1);
    await coordinator.leave(groupId, [{ memberId: member!.joined.memberId, groupInstanceId: null }]);
    expect(coordinator.list()).toHaveLength(2);
    await clock.advance(minutes(10));

    const again = await restarted(bench);
    for (const each of [bench, again])
      expect(each.coordinator.list()).toMatchObject([{ groupId: 'transactional' }]);
  });

  it('keeps everything of a group whose members are not consumers', async () => {
    const bench = await openBench();
    const joined = await bench.coordinator.join(
      joining({ protocolType: 'connect', sessionTimeoutMs: minutes(30) }),
    );
    await bench.coordinator.sync({ ...syncing(joined), protocolType: 'connect' });
    await bench.coordinator.commitOffsets(identity(joined), [offsetOf(0, 1n)]);
    for (let past = 0; past < days(8); past += minutes(29)) {
      bench.coordinator.heartbeat(identity(joined));
      await bench.clock.advance(minutes(29));
    }

    expect(partitionsIn(bench)).toEqual([0]);
  });

  it('tries again after the disk refused a write', async () => {
    const bench = await openBench();
    await abandonedGroup(bench);
    bench.logs.broken = true;
    await bench.clock.advance(days(7) + minutes(10));
    expect(bench.coordinator.list()).toHaveLength(1);
    bench.logs.broken = false;
    await bench.clock.advance(minutes(10));

    expect(bench.coordinator.list()).toEqual([]);
    expect((await restarted(bench)).coordinator.list()).toEqual([]);
  });
});
