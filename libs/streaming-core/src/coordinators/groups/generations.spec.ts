import { describe, expect, it } from '@jest/globals';
import { errorCodes } from '../../protocol/errors.ts';
import {
  awaiting,
  groupId,
  identity,
  joining,
  openBench,
  settle,
  stableGroup,
  syncing,
} from './coordinator.bench.ts';

describe('JoinGroup', () => {
  it('delays the first generation if configured, and extends the delay with each member that joins', async () => {
    const bench = await openBench({ initialRebalanceDelayMs: 3_000 });
    const first = awaiting(bench.coordinator.join(joining()));
    await bench.clock.advance(2_000);
    const second = awaiting(bench.coordinator.join(joining()));
    await bench.clock.advance(1_000);
    expect(first.result).toBeUndefined();
    await bench.clock.advance(2_999);
    expect(second.result).toBeUndefined();
    await bench.clock.advance(1);

    expect(first.result).toMatchObject({ generationId: 1, leader: 'client-1' });
    expect(first.result?.members.map(({ memberId }) => memberId)).toEqual(['client-1', 'client-2']);
    expect(second.result).toMatchObject({ generationId: 1, members: [] });
  });

  it('delays the first generation no longer than the longest rebalance timeout', async () => {
    const bench = await openBench({ initialRebalanceDelayMs: 3_000 });
    const joins = [awaiting(bench.coordinator.join(joining({ rebalanceTimeoutMs: 7_000 })))];
    for (let second = 1; second <= 7; second += 1) {
      await bench.clock.advance(1_000);
      if (second < 7) joins.push(awaiting(bench.coordinator.join(joining({ rebalanceTimeoutMs: 7_000 }))));
    }

    expect(joins.map(({ result }) => result?.generationId)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  it('waits for every member to rejoin and removes those that miss the rebalance timeout', async () => {
    const bench = await openBench();
    const [first, second] = await stableGroup(bench, 2, {
      sessionTimeoutMs: 100_000,
      rebalanceTimeoutMs: 30_000,
    });
    const timeouts = { sessionTimeoutMs: 100_000, rebalanceTimeoutMs: 30_000 };
    const third = awaiting(bench.coordinator.join(joining(timeouts)));
    const again = awaiting(
      bench.coordinator.join(joining({ ...timeouts, memberId: first!.joined.memberId })),
    );
    await bench.clock.advance(29_999);
    expect(third.result).toBeUndefined();
    expect(again.result).toBeUndefined();
    await bench.clock.advance(1);

    expect(again.result).toMatchObject({ generationId: 3, leader: first!.joined.memberId });
    expect(again.result?.members.map(({ memberId }) => memberId)).toEqual([
      first!.joined.memberId,
      third.result?.memberId,
    ]);
    expect(bench.coordinator.heartbeat(identity(second!.joined))).toBe(errorCodes.UNKNOWN_MEMBER_ID);
  });

  it('waits for a pending member id until the rebalance timeout, and still accepts it afterwards', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1, { rebalanceTimeoutMs: 8_000 });
    const pending = await bench.coordinator.join(
      joining({ requireKnownMemberId: true, sessionTimeoutMs: 20_000 }),
    );
    const again = awaiting(
      bench.coordinator.join(joining({ memberId: first!.joined.memberId, rebalanceTimeoutMs: 8_000 })),
    );
    await settle();
    expect(again.result).toBeUndefined();
    await bench.clock.advance(8_000);

    expect(again.result).toMatchObject({ generationId: 2 });
    const late = awaiting(bench.coordinator.join(joining({ memberId: pending.memberId })));
    expect(bench.coordinator.heartbeat(identity(again.result!))).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    await bench.coordinator.join(joining({ memberId: first!.joined.memberId, rebalanceTimeoutMs: 8_000 }));
    expect(late.result).toMatchObject({ errorCode: errorCodes.NONE, generationId: 3 });
  });

  it('uses the session timeout for JoinGroup v0, which has no rebalance timeout', async () => {
    const bench = await openBench();
    const [first] = await stableGroup(bench, 1, { rebalanceTimeoutMs: -1, sessionTimeoutMs: 20_000 });
    const second = awaiting(
      bench.coordinator.join(joining({ rebalanceTimeoutMs: -1, sessionTimeoutMs: 20_000 })),
    );
    await bench.clock.advance(15_000);
    bench.coordinator.heartbeat(identity(first!.joined));
    expect(second.result).toBeUndefined();
    await bench.clock.advance(5_000);

    expect(second.result).toMatchObject({ generationId: 2, leader: second.result?.memberId });
  });

  it('chooses the protocol with the most first votes among those that all members support', async () => {
    const bench = await openBench({ initialRebalanceDelayMs: 100 });
    const prefers = (...names: string[]) => ({
      protocols: names.map((name) => ({ name, metadata: Buffer.from(name) })),
    });
    const joins = Promise.all([
      bench.coordinator.join(joining(prefers('only-mine', 'range', 'sticky'))),
      bench.coordinator.join(joining(prefers('sticky', 'range'))),
      bench.coordinator.join(joining(prefers('sticky', 'range'))),
    ]);
    await bench.clock.advance(200);

    const [leader] = await joins;
    expect(leader.protocolName).toBe('sticky');
    expect(leader.members.map(({ metadata }) => metadata.toString())).toEqual(['sticky', 'sticky', 'sticky']);
  });

  it('gives the list of members to the leader only', async () => {
    const bench = await openBench();
    const [leader, follower] = await stableGroup(bench, 2);

    expect(leader!.joined.members.map(({ memberId }) => memberId)).toEqual(['client-1', 'client-2']);
    expect(follower!.joined.members).toEqual([]);
    for (const { joined } of [leader!, follower!])
      expect(joined).toMatchObject({
        leader: 'client-1',
        generationId: 2,
        protocolName: 'range',
        protocolType: 'consumer',
      });
  });

  it('answers a follower that rejoins with unchanged metadata at once, without a rebalance', async () => {
    const bench = await openBench();
    const [leader, follower] = await stableGroup(bench, 2);
    const again = await bench.coordinator.join(joining({ memberId: follower!.joined.memberId }));

    expect(again).toMatchObject({ errorCode: errorCodes.NONE, generationId: 2, members: [] });
    expect(bench.coordinator.describe(groupId).state).toBe('Stable');
    expect(bench.coordinator.heartbeat(identity(leader!.joined))).toBe(errorCodes.NONE);
  });

  it('rebalances when the leader rejoins, even with unchanged metadata', async () => {
    const bench = await openBench();
    const [leader, follower] = await stableGroup(bench, 2);
    const again = awaiting(bench.coordinator.join(joining({ memberId: leader!.joined.memberId })));
    await settle();

    expect(again.result).toBeUndefined();
    expect(bench.coordinator.heartbeat(identity(follower!.joined))).toBe(errorCodes.REBALANCE_IN_PROGRESS);
  });

  it('rebalances when a follower rejoins with changed metadata', async () => {
    const bench = await openBench();
    const [leader, follower] = await stableGroup(bench, 2);
    const protocols = [{ name: 'range', metadata: Buffer.from('orders, owns 3') }];
    const again = awaiting(
      bench.coordinator.join(joining({ memberId: follower!.joined.memberId, protocols })),
    );
    await settle();
    expect(again.result).toBeUndefined();

    const led = await bench.coordinator.join(joining({ memberId: leader!.joined.memberId }));
    expect(led.generationId).toBe(3);
    expect(led.members.map(({ metadata }) => metadata.toString())).toEqual(['orders', 'orders, owns 3']);
  });

  it('repeats its answer before the leader has assigned, and restarts the rebalance when metadata changes', async () => {
    const bench = await openBench();
    const [leader, follower] = (await stableGroup(bench, 2)).map(({ joined }) => joined.memberId);
    const rejoins = [leader, follower].map((memberId) =>
      bench.coordinator.join(
        joining({ memberId: memberId!, protocols: [{ name: 'range', metadata: Buffer.from('new') }] }),
      ),
    );
    const [led, followed] = await Promise.all(rejoins);
    const same = { memberId: follower!, protocols: [{ name: 'range', metadata: Buffer.from('new') }] };
    expect(await bench.coordinator.join(joining(same))).toEqual(followed);

    const waiting = awaiting(bench.coordinator.sync(syncing(followed!)));
    const changed = awaiting(bench.coordinator.join(joining({ memberId: leader! })));
    await settle();
    expect(waiting.result?.errorCode).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    expect(changed.result).toBeUndefined();
    expect(led?.generationId).toBe(3);
  });

  it('elects a joined member when the leader did not rejoin', async () => {
    const bench = await openBench();
    const [leader, follower] = await stableGroup(bench, 2, { sessionTimeoutMs: 100_000 });
    const newcomer = awaiting(bench.coordinator.join(joining()));
    const again = awaiting(
      bench.coordinator.join(joining({ memberId: follower!.joined.memberId, sessionTimeoutMs: 100_000 })),
    );
    await bench.clock.advance(60_000);

    expect(again.result).toMatchObject({ generationId: 3, leader: follower!.joined.memberId });
    expect(newcomer.result).toMatchObject({ generationId: 3, leader: follower!.joined.memberId });
    expect((await bench.coordinator.join(joining({ memberId: leader!.joined.memberId }))).errorCode).toBe(
      errorCodes.UNKNOWN_MEMBER_ID,
    );
  });

  it('ends an earlier JoinGroup of the same member with REBALANCE_IN_PROGRESS', async () => {
    const bench = await openBench();
    const [, second] = await stableGroup(bench, 2);
    void bench.coordinator.join(joining());
    const lost = awaiting(bench.coordinator.join(joining({ memberId: second!.joined.memberId })));
    const repeated = awaiting(bench.coordinator.join(joining({ memberId: second!.joined.memberId })));
    await settle();

    expect(lost.result?.errorCode).toBe(errorCodes.REBALANCE_IN_PROGRESS);
    expect(repeated.result).toBeUndefined();
  });

  it('drops a new member after its own, longer timeout if its JoinGroup was not answered', async () => {
    const bench = await openBench({ newMemberJoinTimeoutMs: 50_000 });
    await stableGroup(bench, 1, { sessionTimeoutMs: 500_000, rebalanceTimeoutMs: 400_000 });
    const newcomer = awaiting(bench.coordinator.join(joining({ rebalanceTimeoutMs: 400_000 })));
    await bench.clock.advance(49_999);
    expect(newcomer.result).toBeUndefined();
    await bench.clock.advance(1);

    expect(newcomer.result?.errorCode).toBe(errorCodes.UNKNOWN_MEMBER_ID);
  });
});
