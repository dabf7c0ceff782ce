import { describe, expect, it } from '@jest/globals';
import { minutes } from '../../runtime/index.ts';
import { errorCodes } from '../../protocol/errors.ts';
import {
  awaiting,
  groupId,
  joining,
  openBench,
  rebalanceAll,
  settle,
  stableGroup,
} from './coordinator.bench.ts';

describe('JoinGroup', () => {
  it('rejects an empty group id, a session timeout out of range, and protocols that nobody supports', async () => {
    const { coordinator } = await openBench();
    const codeOf = async (given: Parameters<typeof joining>[0]) =>
      (await coordinator.join(joining(given))).errorCode;

    expect(await codeOf({ groupId: '' })).toBe(errorCodes.INVALID_GROUP_ID);
    expect(await codeOf({ sessionTimeoutMs: 5_999 })).toBe(errorCodes.INVALID_SESSION_TIMEOUT);
    expect(await codeOf({ sessionTimeoutMs: 1_800_001 })).toBe(errorCodes.INVALID_SESSION_TIMEOUT);
    expect(coordinator.list()).toEqual([]);
    expect(await codeOf({ protocols: [] })).toBe(errorCodes.INCONSISTENT_GROUP_PROTOCOL);
    expect(await codeOf({ protocolType: '' })).toBe(errorCodes.INCONSISTENT_GROUP_PROTOCOL);
    expect(coordinator.describe(groupId)).toMatchObject({ state: 'Empty', members: [] });
  });

  it('rejects another protocol type, and protocols without one that all members support', async () => {
    const bench = await openBench();
    await stableGroup(bench, 2);
    const codeOf = async (given: Parameters<typeof joining>[0]) =>
      (await bench.coordinator.join(joining(given))).errorCode;

    expect(await codeOf({ protocolType: 'connect' })).toBe(errorCodes.INCONSISTENT_GROUP_PROTOCOL);
    expect(await codeOf({ protocols: [{ name: 'sticky', metadata: Buffer.alloc(0) }] })).toBe(
      errorCodes.INCONSISTENT_GROUP_PROTOCOL,
    );
    expect(bench.coordinator.describe(groupId).members).toHaveLength(2);
  });

  it('gives a dynamic member an id first and admits it when it returns with the id', async () => {
    const { coordinator } = await openBench();

    const first = await coordinator.join(joining({ requireKnownMemberId: true }));
    expect(first).toMatchObject({
      errorCode: errorCodes.MEMBER_ID_REQUIRED,
      memberId: 'client-1',
      generationId: -1,
    });
    expect(coordinator.describe(groupId).members).toEqual([]);

    const second = await coordinator.join(joining({ requireKnownMemberId: true, memberId: first.memberId }));
    expect(second).toMatchObject({
      errorCode: errorCodes.NONE,
      memberId: 'client-1',
      generationId: 1,
      leader: 'client-1',
    });
  });

  it('admits old clients and static members at once', async () => {
    const { coordinator } = await openBench();

    expect(await coordinator.join(joining())).toMatchObject({
      errorCode: errorCodes.NONE,
      memberId: 'client-1',
    });
    expect(
      await coordinator.join(joining({ groupId: 'b', requireKnownMemberId: true, groupInstanceId: 'shelf' })),
    ).toMatchObject({
      errorCode: errorCodes.NONE,
      memberId: 'shelf-2',
    });
  });

  it('forgets an id that is not used within the session timeout, and at the next check the group created for it', async () => {
    const { coordinator, clock } = await openBench();
    const timersBefore = clock.timers;
    const { memberId } = await coordinator.join(joining({ requireKnownMemberId: true }));
    expect(coordinator.list()).toHaveLength(1);

    await clock.advance(10_000);
    expect((await coordinator.join(joining({ memberId }))).errorCode).toBe(errorCodes.UNKNOWN_MEMBER_ID);
    expect(clock.timers).toBe(timersBefore);
    await clock.advance(minutes(10));

    expect(coordinator.list()).toEqual([]);
  });

  it('rejects an unknown member id and a member over the limit', async () => {
    const bench = await openBench({ groupMembersMax: 2 });
    expect((await bench.coordinator.join(joining({ memberId: 'nobody' }))).errorCode).toBe(
      errorCodes.UNKNOWN_MEMBER_ID,
    );
    await stableGroup(bench, 2);

    expect((await bench.coordinator.join(joining({ memberId: 'nobody' }))).errorCode).toBe(
      errorCodes.UNKNOWN_MEMBER_ID,
    );
    expect((await bench.coordinator.join(joining())).errorCode).toBe(errorCodes.GROUP_MAX_SIZE_REACHED);
    expect((await bench.coordinator.join(joining({ requireKnownMemberId: true }))).errorCode).toBe(
      errorCodes.GROUP_MAX_SIZE_REACHED,
    );
  });

  it('rejects a group over the limit and metadata that is too long', async () => {
    const { coordinator } = await openBench({ groupsMax: 1, memberMetadataBytesMax: 164 });
    const protocols = [{ name: 'range', metadata: Buffer.alloc(4) }];
    await coordinator.join(joining({ groupId: 'without a trace', protocols: [] }));
    await coordinator.join(joining({ protocols }));

    expect((await coordinator.join(joining({ groupId: 'other', protocols }))).errorCode).toBe(
      errorCodes.POLICY_VIOLATION,
    );
    const longer = [{ name: 'range', metadata: Buffer.alloc(5) }];
    expect((await coordinator.join(joining({ protocols: longer }))).errorCode).toBe(
      errorCodes.INVALID_REQUEST,
    );
  });

  it('gives the places of a full group to the members that join its rebalance', async () => {
    const bench = await openBench({ groupMembersMax: 2 });
    const members = await rebalanceAll(bench, [{}]);
    const second = awaiting(bench.coordinator.join(joining()));
    const third = awaiting(bench.coordinator.join(joining()));
    await settle();
    expect(second.result).toBeUndefined();
    expect(third.result).toBeUndefined();

    const late = await bench.coordinator.join(joining({ memberId: members[0]!.joined.memberId }));
    expect(late).toMatchObject({ errorCode: errorCodes.GROUP_MAX_SIZE_REACHED, memberId: '' });
    expect(second.result?.generationId).toEqual(2);
    expect(third.result?.generationId).toEqual(2);
  });
});
