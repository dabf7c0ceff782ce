import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '../../protocol/errors.ts';
import {
  awaiting,
  groupId,
  identity,
  joining,
  openBench,
  rebalanceAll,
  restarted,
  settle,
  stableGroup,
  syncing,
  type Bench,
} from './coordinator.bench.ts';

const beats = (bench: Bench, memberId: string, generationId: number) =>
  bench.coordinator.heartbeat({ groupId, memberId, generationId, groupInstanceId: null });

/** Two members that were told of generation 3 and have not synced. */
async function completing(bench: Bench) {
  const [first, second] = await stableGroup(bench, 2);
  const protocols = [{ name: 'range', metadata: Buffer.from('new') }];
  const rejoin = (memberId: string) => bench.coordinator.join(joining({ memberId, protocols }));
  const [leader, follower] = await Promise.all([
    rejoin(first!.joined.memberId),
    rejoin(second!.joined.memberId),
  ]);
  return { leader, follower };
}

describe('SyncGroup', () => {
  it('G9 hands out what the leader assigned, to those who wait and to those who ask later', async () => {
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

  it('G9 gives nothing to members that the leader left out', async () => {
    const bench = await openBench();
    const { leader, follower } = await completing(bench);
    const waiting = awaiting(bench.coordinator.sync(syncing(follower)));
    await bench.coordinator.sync(syncing(leader, { [leader.memberId]: 'all' }));
    await settle();

    expect(waiting.result?.assignment).toHaveLength(0);
  });

  it('G9 refuses strangers, other generations, other protocols, and anyone while members are joining', async () => {
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

  it('G9 answers only when the assignments are on disk', async () => {
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

  it('G9 rebalances when the assignments could not be written', async () => {
    const bench = await openBench();
    const { leader } = await completing(bench);
    bench.logs.broken = true;

    expect((await bench.coordinator.sync(syncing(leader, { [leader.memberId]: 'all' }))).errorCode).toBe(
      errorCodes.NOT_COORDINATOR,
    );
    expect(bench.coordinator.describe(groupId).state).toBe('PreparingRebalance');
  });

  it('G9 keeps to the first assignments when the leader sends others before they are on disk, after a restart too', async () => {
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

  it('G9 does not let assignments through that a rebalance has overtaken on their way to the disk', async () => {
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

  it('G9 removes those who did not sync in time, the leader first of all', async () => {
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

describe('Heartbeat', () => {
  it('G10 knows strangers, former generations, an empty group and a rebalance', async () => {
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

  it('G10 answers without error while the leader has yet to assign', async () => {
    const bench = await openBench();
    const { follower } = await completing(bench);

    expect(beats(bench, follower.memberId, 3)).toBe(errorCodes.NONE);
  });

  it('G10 keeps a member alive, in a rebalance as well', async () => {
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

  it('G10 does not expire members whose JoinGroup is parked', async () => {
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

  it('G11 removes a member that was silent for its session timeout and rebalances the others', async () => {
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
  it('G12 answers for each member', async () => {
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

  it('G12 takes a leave of an id that was handed out, with or without an instance, and rebalances as for a member', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1);
    const { memberId } = await bench.coordinator.join(joining({ requireKnownMemberId: true }));
    const left = await bench.coordinator.leave(groupId, [{ memberId, groupInstanceId: 'any' }]);
    expect(left.members).toMatchObject([{ errorCode: errorCodes.NONE }]);
    expect(bench.coordinator.heartbeat(identity(first!.joined))).toBe(errorCodes.REBALANCE_IN_PROGRESS);
  });

  it('G18 shows assignments during a rebalance, and none once a generation was given up', async () => {
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

  it('G12 leaves an empty group behind, a generation on, on disk', async () => {
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

  it('G12 takes several at once out of a rebalance before it goes on without them', async () => {
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

  it('G12 ends a rebalance that waited for nobody else', async () => {
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

describe('closing', () => {
  it('answers everything that is parked and stops every timer', async () => {
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
