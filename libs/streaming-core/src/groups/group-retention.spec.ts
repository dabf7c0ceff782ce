import { describe, expect, it } from '@jest/globals';
import { days, hours, minutes } from '../contract/index.ts';
import { groupId, identity, joining, offsetOf, openBench, restarted, stableGroup, type Bench } from './coordinator-bench.features.ts';

const anyone = { groupId, memberId: '', generationId: -1, groupInstanceId: null };
const partitionsIn = ({ coordinator }: Bench) => coordinator.fetchOffsets(groupId, null).map(({ partition }) => partition);

async function abandonedGroup(bench: Bench): Promise<void> {
  const [member] = await stableGroup(bench, 1);
  await bench.coordinator.commitOffsets(identity(member!.joined), [offsetOf(0, 1n)]);
  await bench.coordinator.leave(groupId, [{ memberId: member!.joined.memberId, groupInstanceId: null }]);
}

describe('retention of groups (G20)', () => {
  it('removes a group that has had no members for a week, with its offsets, for good', async () => {
    const bench = await openBench();
    await abandonedGroup(bench);
    await bench.clock.advance(days(7));
    expect(partitionsIn(bench)).toEqual([0]);
    await bench.clock.advance(minutes(10));

    for (const { coordinator } of [bench, await restarted(bench)]) {
      expect(coordinator.fetchOffsets(groupId, null)).toEqual([]);
      expect(coordinator.list()).toEqual([]);
    }
  });

  it('keeps everything of a group with members, however long ago it committed', async () => {
    const bench = await openBench();
    const [member] = await stableGroup(bench, 1, { sessionTimeoutMs: minutes(30) });
    await bench.coordinator.commitOffsets(identity(member!.joined), [offsetOf(0, 1n)]);
    for (let past = 0; past < days(8); past += minutes(29)) {
      bench.coordinator.heartbeat(identity(member!.joined));
      await bench.clock.advance(minutes(29));
    }

    expect(partitionsIn(bench)).toEqual([0]);
  });

  it('keeps a group for which somebody is about to join', async () => {
    const bench = await openBench();
    await abandonedGroup(bench);
    await bench.clock.advance(days(7));
    await bench.coordinator.join(joining({ requireKnownMemberId: true, sessionTimeoutMs: minutes(20) }));
    await bench.clock.advance(minutes(10));

    expect(partitionsIn(bench)).toEqual([0]);
  });

  it('counts from the commit for a group that never had members, offset by offset', async () => {
    const bench = await openBench();
    await bench.coordinator.commitOffsets(anyone, [offsetOf(0, 1n)]);
    await bench.clock.advance(hours(1));
    await bench.coordinator.commitOffsets(anyone, [offsetOf(1, 1n)]);
    await bench.clock.advance(days(7));
    expect(partitionsIn(bench)).toEqual([1]);
    await bench.clock.advance(minutes(10));

    expect(partitionsIn(bench)).toEqual([]);
    expect(bench.coordinator.list()).toEqual([]);
  });

  it('tries again when the disk refused', async () => {
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
