import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '../../protocol/errors.ts';
import {
  groupId,
  joining,
  offsetOf,
  openBench,
  rebalanceAll,
  restarted,
  stableGroup,
  type Bench,
  anyone,
  codes,
  offsets,
} from './coordinator.bench.ts';
import type { CommittedOffset } from './group-requests.ts';

describe('the memory of members', () => {
  const full = { errorCode: errorCodes.GROUP_MAX_SIZE_REACHED };
  const twoMembers = { memberBytesMax: 2_600 };
  const other = (given: Parameters<typeof joining>[0] = {}) => joining({ groupId: 'other', ...given });

  it('L13 is limited over all groups, and freed when a member leaves', async () => {
    const bench = await openBench(twoMembers);
    const [first] = await stableGroup(bench, 1);
    expect(await bench.coordinator.join(other())).toMatchObject({ errorCode: errorCodes.NONE });
    expect(await bench.coordinator.join(joining({ groupId: 'third' }))).toMatchObject(full);
    await bench.coordinator.leave(groupId, [{ memberId: first!.joined.memberId, groupInstanceId: null }]);
    expect(await bench.coordinator.join(joining({ groupId: 'third' }))).toMatchObject({
      errorCode: errorCodes.NONE,
    });
  });

  it('is enough for members that rejoin unchanged, but not for members that have grown', async () => {
    const bench = await openBench({ memberBytesMax: 1_300 });
    const [first] = await stableGroup(bench, 1);
    const { memberId } = first!.joined;
    expect(await bench.coordinator.join(joining({ memberId }))).toMatchObject({ errorCode: errorCodes.NONE });
    const protocols = [{ name: 'range', metadata: Buffer.alloc(200) }];
    expect(await bench.coordinator.join(joining({ memberId, protocols }))).toMatchObject(full);
  });

  it('includes pending member ids until they expire, and all protocols of a member', async () => {
    const bench = await openBench(twoMembers);
    const handedOut = await bench.coordinator.join(joining({ requireKnownMemberId: true }));
    expect(handedOut).toMatchObject({ errorCode: errorCodes.MEMBER_ID_REQUIRED });
    const protocols = Array.from({ length: 10 }, (_, index) => ({
      name: `p${index}`,
      metadata: Buffer.alloc(0),
    }));
    expect(await bench.coordinator.join(other({ protocols }))).toMatchObject(full);
    await bench.clock.advance(11_000);
    expect(await bench.coordinator.join(other({ protocols: protocols.slice(0, 9) }))).toMatchObject({
      errorCode: errorCodes.NONE,
    });
  });

  it('is counted again after a restart, assignments included', async () => {
    const before = await openBench();
    await rebalanceAll(before, [{}], ([id]) => ({ [id!]: 'x'.repeat(1_000) }));
    const bench = await restarted(before, twoMembers);
    expect(await bench.coordinator.join(other())).toMatchObject(full);
  });

  it('is limited for assignments too', async () => {
    const bench = await openBench(twoMembers);
    const [member] = await rebalanceAll(bench, [{}], ([id]) => ({ [id!]: 'x'.repeat(2_000) }));
    expect(member!.synced).toMatchObject(full);
  });
});

describe('the memory of offsets', () => {
  const two = { offsetBytesMax: 1_100 };
  const commit = (bench: Bench, ...given: CommittedOffset[]) =>
    codes(bench.coordinator.commitOffsets(anyone, given));
  const producer = { producerId: 7n, producerEpoch: 0 };
  const commitInTransaction = (bench: Bench, ...given: CommittedOffset[]) =>
    codes(bench.coordinator.commitInTransaction(anyone, given, producer));
  const full = errorCodes.INVALID_COMMIT_OFFSET_SIZE;

  it('L13 is limited: a commit over the limit is rejected as a whole, but held offsets can be committed again', async () => {
    const bench = await openBench(two);
    expect(await commit(bench, offsetOf(0, 1n), offsetOf(1, 1n))).toEqual([errorCodes.NONE, errorCodes.NONE]);
    expect(await commit(bench, offsetOf(0, 2n), offsetOf(2, 2n))).toEqual([full, full]);
    expect(await commit(bench, offsetOf(0, 2n, 'x'.repeat(100)))).toEqual([full]);
    expect(await commit(bench, offsetOf(0, 3n), offsetOf(1, 3n))).toEqual([errorCodes.NONE, errorCodes.NONE]);
    expect(offsets(bench.coordinator.fetchOffsets(groupId, null))).toEqual([[0, 3n], [1, 3n]]); // prettier-ignore
  });

  it('is counted again after a restart, and freed by deletions', async () => {
    const before = await openBench(two);
    await commit(before, offsetOf(0, 1n), offsetOf(1, 1n));
    const bench = await restarted(before, two);
    expect(await commit(bench, offsetOf(2, 1n))).toEqual([full]);
    await bench.coordinator.deleteOffsets(groupId, [{ topic: 'orders', partition: 0 }]);
    expect(await commit(bench, offsetOf(2, 1n))).toEqual([errorCodes.NONE]);
    await bench.coordinator.deleteGroup(groupId);
    expect(await commit(bench, offsetOf(3, 1n), offsetOf(4, 1n))).toEqual([errorCodes.NONE, errorCodes.NONE]);
  });

  it.each([true, false])(
    'includes those of open transactions until they end (committed: %s)',
    async (committed) => {
      const bench = await openBench(two);
      const partition = await bench.coordinator.partitionOf(groupId);
      for (let round = 0n; round < 3n; round += 1n) {
        expect(await commitInTransaction(bench, offsetOf(0, round))).toEqual([errorCodes.NONE]);
        expect(await commitInTransaction(bench, offsetOf(0, round, 'x'.repeat(300)))).toEqual([full]);
        await bench.coordinator.endTransaction(partition, { ...producer, committed, coordinatorEpoch: 0 });
      }
      expect(await commit(bench, offsetOf(0, 9n), offsetOf(1, 9n))).toEqual([
        errorCodes.NONE,
        errorCodes.NONE,
      ]);
      expect(await commit(bench, offsetOf(2, 9n))).toEqual([full]);
    },
  );
});
