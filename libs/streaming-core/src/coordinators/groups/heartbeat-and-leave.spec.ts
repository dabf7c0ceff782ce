import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '../../protocol/errors.ts';
import {
  awaiting,
  beats,
  completing,
  groupId,
  identity,
  joining,
  openBench,
  rebalanceAll,
  settle,
  stableGroup,
} from './coordinator.bench.ts';

describe('Heartbeat', () => {
  it('has its own error code for unknown members, old generations, empty groups and rebalances', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1);
    const { memberId } = first!.joined;

    expect(beats(bench, memberId, 1)).toBe(errorCodes.NONE);
    expect(beats(bench, memberId, 2)).toBe(errorCodes.ILLEGAL_GENERATION);
    expect(beats(bench, 'nobody', 1)).toBe(errorCodes.UNKNOWN_MEMBER_ID);
    expect(bench.coordinator.heartbeat({ ...identity(first!.joined), groupId: 'unheard-of' })).toBe(
      errorCodes.UNKNOWN_MEMBER_ID,
    );
    expect(bench.coordinator.heartbeat({ ...identity(first!.joined), groupId: '' })).toBe(
      errorCodes.INVALID_GROUP_ID,
    );
    void bench.coordinator.join(joining());
    expect(beats(bench, memberId, 1)).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    await bench.coordinator.leave(groupId, [{ memberId, groupInstanceId: null }]);
    expect(beats(bench, memberId, 1)).toBe(errorCodes.UNKNOWN_MEMBER_ID);
  });

  it('succeeds while the leader has not assigned yet', async () => {
    const bench = await openBench();
    const { follower } = await completing(bench);

    expect(beats(bench, follower.memberId, 3)).toBe(errorCodes.NONE);
  });

  it('keeps a member alive, also during a rebalance', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1);
    await bench.clock.advance(9_999);
    expect(beats(bench, first!.joined.memberId, 1)).toBe(errorCodes.NONE);
    void bench.coordinator.join(joining());
    await bench.clock.advance(9_999);
    expect(beats(bench, first!.joined.memberId, 1)).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    await bench.clock.advance(9_999);

    expect(bench.coordinator.describe(groupId).members).toHaveLength(2);
  });

  it('is not required of members whose JoinGroup is parked', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1);
    const second = awaiting(bench.coordinator.join(joining()));
    for (let second = 0; second < 55; second += 5) {
      await bench.clock.advance(5_000);
      beats(bench, first!.joined.memberId, 1);
    }
    expect(second.result).toBeUndefined();
    const led = await bench.coordinator.join(joining({ memberId: first!.joined.memberId }));

    expect(led.members).toHaveLength(2);
  });

  it('removes a silent member after its session timeout and rebalances the others', async () => {
    const bench = await openBench();
    const [first, second] = await stableGroup(bench, 2);
    await bench.clock.advance(9_999);
    beats(bench, first!.joined.memberId, 2);
    await bench.clock.advance(1);

    expect(beats(bench, second!.joined.memberId, 2)).toBe(errorCodes.UNKNOWN_MEMBER_ID);
    expect(beats(bench, first!.joined.memberId, 2)).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    expect(await bench.coordinator.join(joining({ memberId: first!.joined.memberId }))).toMatchObject({
      generationId: 3,
    });
  });
});

describe('LeaveGroup', () => {
  it('returns a code for each member', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 2);
    const pending = await bench.coordinator.join(joining({ requireKnownMemberId: true }));
    const leaving = [first!.joined.memberId, 'nobody', pending.memberId].map((memberId) => ({
      memberId,
      groupInstanceId: null,
    }));
    const left = await bench.coordinator.leave(groupId, leaving);

    expect(left.errorCode).toBe(errorCodes.NONE);
    expect(left.members.map(({ errorCode }) => errorCode)).toEqual([
      errorCodes.NONE,
      errorCodes.UNKNOWN_MEMBER_ID,
      errorCodes.NONE,
    ]);
    expect((await bench.coordinator.leave('unheard-of', leaving)).members[0]?.errorCode).toBe(
      errorCodes.UNKNOWN_MEMBER_ID,
    );
    expect((await bench.coordinator.leave('', leaving)).errorCode).toBe(errorCodes.INVALID_GROUP_ID);
  });

  it('accepts a pending member id, with or without an instance id, and rebalances as for a member', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1);
    const { memberId } = await bench.coordinator.join(joining({ requireKnownMemberId: true }));
    const left = await bench.coordinator.leave(groupId, [{ memberId, groupInstanceId: 'any' }]);
    expect(left.members).toMatchObject([{ errorCode: errorCodes.NONE }]);
    expect(bench.coordinator.heartbeat(identity(first!.joined))).toBe(errorCodes.REBALANCE_IN_PROGRESS);
  });

  it('leaves an empty group behind, with its generation incremented, on disk', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1);
    bench.logs.hold();
    const left = awaiting(
      bench.coordinator.leave(groupId, [{ memberId: first!.joined.memberId, groupInstanceId: null }]),
    );
    await settle();
    expect(left.result).toBeUndefined();
    bench.logs.release();
    await settle();

    expect(left.result?.errorCode).toBe(errorCodes.NONE);
    expect(bench.coordinator.describe(groupId)).toMatchObject({
      state: 'Empty',
      members: [],
      protocolType: 'consumer',
    });
    expect((await rebalanceAll(bench, [{}]))[0]?.joined.generationId).toBe(3);
  });

  it('removes several members from a rebalance before it continues without them', async () => {
    const bench = await openBench();
    const [first, second, third] = await stableGroup(bench, 3);
    const [going, staying] = [first!, third!].map(({ joined: { memberId } }) =>
      awaiting(bench.coordinator.join(joining({ memberId }))),
    );
    await bench.coordinator.leave(
      groupId,
      [second!, first!].map(({ joined: { memberId } }) => ({ memberId, groupInstanceId: null })),
    );
    await settle();

    const { memberId } = third!.joined;
    expect(going!.result).toMatchObject({ errorCode: errorCodes.UNKNOWN_MEMBER_ID });
    expect(staying!.result).toMatchObject({
      errorCode: errorCodes.NONE,
      leader: memberId,
      members: [{ memberId }],
    });
    expect(beats(bench, memberId, staying!.result!.generationId)).toBe(errorCodes.NONE);
  });

  it('ends a rebalance that waited for the leaving member only', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1);
    const second = awaiting(bench.coordinator.join(joining()));
    await settle();
    expect(second.result).toBeUndefined();
    await bench.coordinator.leave(groupId, [{ memberId: first!.joined.memberId, groupInstanceId: null }]);
    await settle();

    expect(second.result).toMatchObject({ generationId: 2, leader: second.result?.memberId });
  });
});

describe('DescribeGroups', () => {
  it('shows the assignments during a rebalance, and none once the generation was abandoned', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 2);
    const assignments = () =>
      bench.coordinator.describe(groupId).members.map(({ assignment }) => String(assignment));
    void bench.coordinator.join(joining({ memberId: first!.joined.memberId }));
    expect(bench.coordinator.describe(groupId).state).toBe('PreparingRebalance');
    expect(assignments().sort()).toEqual(['share 0', 'share 1']);
    await bench.clock.advance(10_000);
    expect(bench.coordinator.describe(groupId).state).toBe('CompletingRebalance');
    expect(assignments()).toEqual(['share 0']);
    void bench.coordinator.join(joining());
    expect(assignments()).toEqual(['', '']);
  });
});
