import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '../../protocol/errors.ts';
import {
  awaiting,
  beats,
  completing,
  groupId,
  joining,
  openBench,
  restarted,
  settle,
  syncing,
} from './coordinator.bench.ts';

describe('SyncGroup', () => {
  it("returns the leader's assignment to waiting members and to those that ask later", async () => {
    const bench = await openBench();
    const { leader, follower } = await completing(bench);
    const waiting = awaiting(bench.coordinator.sync(syncing(follower)));
    await settle();
    expect(waiting.result).toBeUndefined();

    const led = await bench.coordinator.sync(
      syncing(leader, { [leader.memberId]: '0,1,2', [follower.memberId]: '3,4,5' }),
    );
    await settle();
    expect(led.assignment.toString()).toBe('0,1,2');
    expect(waiting.result).toMatchObject({
      errorCode: errorCodes.NONE,
      protocolType: 'consumer',
      protocolName: 'range',
    });
    expect((await bench.coordinator.sync(syncing(follower))).assignment.toString()).toBe('3,4,5');
  });

  it('returns nothing to members that the leader left out', async () => {
    const bench = await openBench();
    const { leader, follower } = await completing(bench);
    const waiting = awaiting(bench.coordinator.sync(syncing(follower)));
    await bench.coordinator.sync(syncing(leader, { [leader.memberId]: 'all' }));
    await settle();

    expect(waiting.result?.assignment).toHaveLength(0);
  });

  it('rejects unknown members, other generations, other protocols, and any member during a rebalance', async () => {
    const bench = await openBench();
    const { leader } = await completing(bench);
    const codeOf = async (given: object) =>
      (await bench.coordinator.sync({ ...syncing(leader), ...given })).errorCode;

    expect(await codeOf({ memberId: 'nobody' })).toBe(errorCodes.UNKNOWN_MEMBER_ID);
    expect(await codeOf({ groupId: 'unheard-of' })).toBe(errorCodes.UNKNOWN_MEMBER_ID);
    expect(await codeOf({ groupId: '' })).toBe(errorCodes.INVALID_GROUP_ID);
    expect(await codeOf({ generationId: 2 })).toBe(errorCodes.ILLEGAL_GENERATION);
    expect(await codeOf({ protocolType: 'connect' })).toBe(errorCodes.INCONSISTENT_GROUP_PROTOCOL);
    expect(await codeOf({ protocolName: 'sticky' })).toBe(errorCodes.INCONSISTENT_GROUP_PROTOCOL);
    void bench.coordinator.join(joining());
    expect(await codeOf({})).toBe(errorCodes.REBALANCE_IN_PROGRESS);
  });

  it('is answered once the assignments are on disk', async () => {
    const bench = await openBench();
    const { leader } = await completing(bench);
    bench.logs.hold();
    const led = awaiting(bench.coordinator.sync(syncing(leader, { [leader.memberId]: 'all' })));
    await settle();
    expect(led.result).toBeUndefined();
    expect(bench.coordinator.describe(groupId).state).toBe('CompletingRebalance');
    bench.logs.release();
    await settle();

    expect(led.result?.assignment.toString()).toBe('all');
  });

  it('rebalances when the assignments could not be written', async () => {
    const bench = await openBench();
    const { leader } = await completing(bench);
    bench.logs.broken = true;

    expect((await bench.coordinator.sync(syncing(leader, { [leader.memberId]: 'all' }))).errorCode).toBe(
      errorCodes.NOT_COORDINATOR,
    );
    expect(bench.coordinator.describe(groupId).state).toBe('PreparingRebalance');
  });

  it('keeps the first assignments if the leader sends others before they are on disk, also after a restart', async () => {
    const bench = await openBench();
    const { leader } = await completing(bench);
    bench.logs.hold();
    const first = awaiting(bench.coordinator.sync(syncing(leader, { [leader.memberId]: 'first' })));
    const second = awaiting(bench.coordinator.sync(syncing(leader, { [leader.memberId]: 'second' })));
    await settle();
    expect(first.result?.errorCode).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    bench.logs.release();
    await settle();

    expect(second.result?.assignment.toString()).toBe('first');
    const { coordinator } = await restarted(bench);
    expect((await coordinator.sync(syncing(leader))).assignment.toString()).toBe('first');
  });

  it('drops assignments that a rebalance overtakes on their way to the disk', async () => {
    const bench = await openBench();
    const { leader, follower } = await completing(bench);
    bench.logs.hold();
    const led = awaiting(bench.coordinator.sync(syncing(leader, { [leader.memberId]: 'all' })));
    await settle();
    void bench.coordinator.join(joining());
    bench.logs.release();
    await settle();

    expect(led.result?.errorCode).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    expect(beats(bench, follower.memberId, 3)).toBe(errorCodes.REBALANCE_IN_PROGRESS);
  });

  it('removes the members that did not sync in time, beginning with the leader', async () => {
    const bench = await openBench();
    const { leader, follower } = await completing(bench);
    const waiting = awaiting(bench.coordinator.sync(syncing(follower)));
    for (let second = 0; second < 60; second += 5) {
      beats(bench, leader.memberId, 3);
      await bench.clock.advance(5_000);
    }

    expect(waiting.result?.errorCode).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    expect(beats(bench, leader.memberId, 3)).toBe(errorCodes.UNKNOWN_MEMBER_ID);
    expect((await bench.coordinator.join(joining({ memberId: follower.memberId }))).leader).toBe(
      follower.memberId,
    );
  });
});

describe('closing the coordinator', () => {
  it('answers every parked request and stops every timer', async () => {
    const bench = await openBench();
    const { follower } = await completing(bench);
    const synced = awaiting(bench.coordinator.sync(syncing(follower)));
    await bench.coordinator.join(joining({ groupId: 'other' }));
    const joined = awaiting(bench.coordinator.join(joining({ groupId: 'other' })));
    await bench.coordinator.join(joining({ groupId: 'third', requireKnownMemberId: true }));
    await bench.coordinator.close();
    await settle();

    expect(synced.result?.errorCode).toEqual(errorCodes.NOT_COORDINATOR);
    expect(joined.result?.errorCode).toEqual(errorCodes.NOT_COORDINATOR);
    expect(bench.clock.timers).toBe(0);
    expect((await bench.coordinator.join(joining())).errorCode).toBe(errorCodes.NOT_COORDINATOR);
    expect(beats(bench, follower.memberId, 3)).toBe(errorCodes.NOT_COORDINATOR);
  });
});
