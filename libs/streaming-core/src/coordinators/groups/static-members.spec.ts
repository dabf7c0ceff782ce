import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '../../protocol/errors.ts';
import {
  awaiting,
  groupId,
  identity,
  joining,
  offsetOf,
  openBench,
  rebalanceAll,
  settle,
  syncing,
  type Bench,
} from './coordinator.bench.ts';

/** Two static members, `a` (the leader) and `b`, stable in generation 2. */
async function twoShelves(bench: Bench) {
  const [a] = await rebalanceAll(bench, [{ groupInstanceId: 'a' }]);
  const [b, again] = await rebalanceAll(
    bench,
    [{ groupInstanceId: 'b' }, { groupInstanceId: 'a', memberId: a!.joined.memberId }],
    (ids) => Object.fromEntries(ids.map((id) => [id, `share of ${id.slice(0, 1)}`])),
  );
  return { a: again!.joined, b: b!.joined };
}

describe('static members (KIP-345)', () => {
  it('return under a new id without a rebalance and keep their assignment', async () => {
    const bench = await openBench();
    const { a, b } = await twoShelves(bench);
    const back = await bench.coordinator.join(
      joining({ groupInstanceId: 'b', protocols: [{ name: 'range', metadata: Buffer.from('changed') }] }),
    );

    expect(back).toMatchObject({
      errorCode: errorCodes.NONE,
      generationId: 2,
      leader: a.memberId,
      skipAssignment: false,
      members: [],
    });
    expect(back.memberId).not.toBe(b.memberId);
    expect(bench.coordinator.heartbeat(identity(a, 'a'))).toBe(errorCodes.NONE);
    expect((await bench.coordinator.sync(syncing(back, {}, 'b'))).assignment.toString()).toBe('share of b');
  });

  it('fence their predecessor in every request', async () => {
    const bench = await openBench();
    const { b } = await twoShelves(bench);
    await bench.coordinator.join(joining({ groupInstanceId: 'b' }));

    const fenced = errorCodes.FENCED_INSTANCE_ID;
    expect(bench.coordinator.heartbeat(identity(b, 'b'))).toBe(fenced);
    expect((await bench.coordinator.sync(syncing(b, {}, 'b'))).errorCode).toBe(fenced);
    expect(
      (await bench.coordinator.join(joining({ groupInstanceId: 'b', memberId: b.memberId }))).errorCode,
    ).toBe(fenced);
    expect((await bench.coordinator.commitOffsets(identity(b, 'b'), [offsetOf(0, 1n)]))[0]?.errorCode).toBe(
      fenced,
    );
    const left = await bench.coordinator.leave(groupId, [{ memberId: b.memberId, groupInstanceId: 'b' }]);
    expect(left.members[0]?.errorCode).toBe(fenced);
  });

  it('end the parked requests of their predecessor', async () => {
    const bench = await openBench();
    const { b } = await twoShelves(bench);
    void bench.coordinator.join(joining());
    const parked = awaiting(bench.coordinator.join(joining({ groupInstanceId: 'b', memberId: b.memberId })));
    const back = awaiting(bench.coordinator.join(joining({ groupInstanceId: 'b' })));
    await settle();

    expect(parked.result?.errorCode).toBe(errorCodes.FENCED_INSTANCE_ID);
    expect(back.result).toBeUndefined();
  });

  it('skip the assignment as a returning leader from v9 (KIP-814)', async () => {
    const bench = await openBench();
    await twoShelves(bench);
    const back = await bench.coordinator.join(joining({ groupInstanceId: 'a' }));

    expect(back).toMatchObject({ generationId: 2, leader: back.memberId, skipAssignment: true });
    expect(back.members.map(({ groupInstanceId }) => groupInstanceId).sort()).toEqual(['a', 'b']);
  });

  it('do not act as the leader below v9, since the answer names the old leader', async () => {
    const bench = await openBench();
    const { a } = await twoShelves(bench);
    const back = await bench.coordinator.join(
      joining({ groupInstanceId: 'a', supportsSkippingAssignment: false }),
    );

    expect(back).toMatchObject({ generationId: 2, leader: a.memberId, skipAssignment: false, members: [] });
    expect((await bench.coordinator.sync(syncing(back, {}, 'a'))).assignment.toString()).toBe('share of a');
  });

  it('rebalance when another protocol would be chosen', async () => {
    const bench = await openBench();
    const both = (first: string, second: string) =>
      [first, second].map((name) => ({ name, metadata: Buffer.from(name) }));
    await rebalanceAll(bench, [{ groupInstanceId: 'a', protocols: both('range', 'sticky') }]);
    const back = await bench.coordinator.join(
      joining({ groupInstanceId: 'a', protocols: both('sticky', 'range') }),
    );

    expect(back).toMatchObject({ generationId: 2, protocolName: 'sticky', skipAssignment: false });
  });

  it('restart the rebalance when they return before the leader has assigned', async () => {
    const bench = await openBench();
    const { a, b } = await twoShelves(bench);
    const again = bench.coordinator.join(joining({ groupInstanceId: 'a', memberId: a.memberId }));
    const followed = await bench.coordinator.join(joining({ groupInstanceId: 'b', memberId: b.memberId }));
    expect((await again).generationId).toBe(3);
    const waiting = awaiting(bench.coordinator.sync(syncing(followed, {}, 'b')));
    const back = awaiting(bench.coordinator.join(joining({ groupInstanceId: 'a' })));
    await settle();

    expect(waiting.result?.errorCode).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    expect(back.result).toBeUndefined();
  });

  it('are rejected with an id that does not match, or with an unknown instance id', async () => {
    const bench = await openBench();
    const { a } = await twoShelves(bench);
    const codeOf = async (given: Parameters<typeof joining>[0]) =>
      (await bench.coordinator.join(joining(given))).errorCode;

    expect(await codeOf({ groupInstanceId: 'b', memberId: a.memberId })).toBe(errorCodes.FENCED_INSTANCE_ID);
    expect(await codeOf({ groupInstanceId: 'c', memberId: a.memberId })).toBe(errorCodes.UNKNOWN_MEMBER_ID);
  });

  it('keep their place in a rebalance that they miss, until the time to sync is over', async () => {
    const bench = await openBench();
    const long = { sessionTimeoutMs: 90_000, rebalanceTimeoutMs: 20_000 };
    const [a] = await rebalanceAll(bench, [{ ...long, groupInstanceId: 'a' }]);
    const newcomer = awaiting(bench.coordinator.join(joining(long)));
    await bench.clock.advance(20_000);
    expect(newcomer.result).toMatchObject({ generationId: 2, leader: newcomer.result?.memberId });
    expect(newcomer.result?.members.map(({ memberId }) => memberId)).toContain(a!.joined.memberId);
    await bench.coordinator.sync(syncing(newcomer.result!));
    await bench.clock.advance(19_999);
    expect(bench.coordinator.heartbeat(identity(newcomer.result!))).toBe(errorCodes.NONE);
    await bench.clock.advance(1);

    expect(bench.coordinator.heartbeat(identity(newcomer.result!))).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    expect(bench.coordinator.describe(groupId).members.map(({ memberId }) => memberId)).toEqual([
      newcomer.result!.memberId,
    ]);
  });

  it('that all stay away block a rebalance until one of them returns or their sessions expire', async () => {
    const bench = await openBench();
    const long = { sessionTimeoutMs: 90_000, rebalanceTimeoutMs: 20_000 };
    await rebalanceAll(bench, [{ ...long, groupInstanceId: 'a' }]);
    const newcomer = await bench.coordinator.join(joining({ ...long, requireKnownMemberId: true }));
    void bench.coordinator.join(joining({ ...long, memberId: newcomer.memberId }));
    await bench.coordinator.leave(groupId, [{ memberId: newcomer.memberId, groupInstanceId: null }]);
    await bench.clock.advance(60_000);
    expect(bench.coordinator.describe(groupId).state).toBe('PreparingRebalance');
    await bench.clock.advance(30_000);

    expect(bench.coordinator.describe(groupId)).toMatchObject({ state: 'Empty', members: [] });
  });

  it('can be removed by instance id alone', async () => {
    const bench = await openBench();
    const { a, b } = await twoShelves(bench);
    const left = await bench.coordinator.leave(groupId, [
      { memberId: '', groupInstanceId: 'b' },
      { memberId: '', groupInstanceId: 'c' },
    ]);

    expect(left.members.map(({ errorCode }) => errorCode)).toEqual([
      errorCodes.NONE,
      errorCodes.UNKNOWN_MEMBER_ID,
    ]);
    expect(bench.coordinator.heartbeat(identity(b, 'b'))).toBe(errorCodes.UNKNOWN_MEMBER_ID);
    expect(bench.coordinator.heartbeat(identity(a, 'a'))).toBe(errorCodes.REBALANCE_IN_PROGRESS);
  });

  it('are answered once their new id is on disk', async () => {
    const bench = await openBench();
    await twoShelves(bench);
    bench.logs.hold();
    const back = awaiting(bench.coordinator.join(joining({ groupInstanceId: 'b' })));
    await settle();
    expect(back.result).toBeUndefined();
    bench.logs.release();
    await settle();

    expect(back.result?.errorCode).toBe(errorCodes.NONE);
  });
});
