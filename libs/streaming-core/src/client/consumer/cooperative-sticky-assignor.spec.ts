import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import type { GroupMember } from './assignor.ts';
import { cooperativeStickyAssignor } from './cooperative-sticky-assignor.ts';

type Shares = ReadonlyMap<string, readonly string[]>;

const places = (names: readonly string[]) =>
  names.map((name) => ({ topic: name.split('/')[0] ?? '', partition: Number(name.split('/')[1]) }));
const names = (of: ReadonlyArray<{ topic: string; partition: number }>) =>
  of.map(({ topic, partition }) => `${topic}/${partition}`);

/** The next rebalance of members that own `shares`. */
function rebalance(
  topicsOf: ReadonlyMap<string, readonly string[]>,
  counts: ReadonlyMap<string, number>,
  shares: Shares,
  generationId: number,
): Shares {
  const members = [...topicsOf].map(([memberId, topics]): GroupMember => ({
    memberId,
    topics,
    generationId,
    ownedPartitions: places(shares.get(memberId) ?? []),
  }));
  const assigned = cooperativeStickyAssignor.assign(members, counts);
  return new Map([...assigned].map(([memberId, { partitions }]) => [memberId, names(partitions).sort()]));
}

/** Rebalances until nobody has to give anything up. */
function settle(
  topicsOf: ReadonlyMap<string, readonly string[]>,
  counts: ReadonlyMap<string, number>,
  from: Shares,
): { shares: Shares; rounds: number } {
  let shares = from;
  for (let rounds = 1; rounds < 10; rounds += 1) {
    const next = rebalance(topicsOf, counts, shares, rounds);
    const gaveUp = [...shares].some(([memberId, owned]) =>
      owned.some((name) => topicsOf.has(memberId) && !next.get(memberId)?.includes(name)),
    );
    for (const [memberId, assigned] of next)
      for (const [other, owned] of shares)
        if (other !== memberId && topicsOf.has(other))
          expect(assigned.filter((name) => owned.includes(name))).toEqual([]);
    shares = next;
    if (!gaveUp) return { shares, rounds };
  }
  throw new Error('the group does not settle');
}

const topics = ['a', 'b', 'c'];
const counts = fc
  .tuple(fc.nat(9), fc.nat(9), fc.nat(9))
  .map((sizes) => new Map(sizes.map((size, index) => [topics[index] ?? '', size])));
const memberIds = fc.uniqueArray(fc.stringMatching(/^[a-z]{3}$/), { minLength: 1, maxLength: 6 });
const subscriptions = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{3}$/), fc.subarray(topics, { minLength: 1 })), {
    minLength: 1,
    maxLength: 6,
    selector: ([id]) => id,
  })
  .map((each) => new Map(each));
const toAll = (ids: readonly string[]) => new Map(ids.map((id) => [id, topics]));
const total = (sizes: ReadonlyMap<string, number>) =>
  [...sizes.values()].reduce((sum, size) => sum + size, 0);

describe('the cooperative sticky assignor', () => {
  it('L85 gives every partition to one subscriber, and no partition to two members on the way', () => {
    fc.assert(
      fc.property(subscriptions, subscriptions, counts, (before, after, sizes) => {
        const { shares } = settle(after, sizes, settle(before, sizes, new Map()).shares);
        const wanted = [...sizes].filter(([topic]) => [...after.values()].some((of) => of.includes(topic)));

        expect([...shares.values()].flat()).toHaveLength(total(new Map(wanted)));
        expect(new Set([...shares.values()].flat()).size).toBe(total(new Map(wanted)));
        for (const [memberId, owned] of shares)
          for (const { topic } of places(owned)) expect(after.get(memberId)).toContain(topic);
      }),
    );
  });

  it('L86 leaves no partition that could move to a subscriber with two fewer', () => {
    fc.assert(
      fc.property(subscriptions, subscriptions, counts, (before, after, sizes) => {
        const { shares } = settle(after, sizes, settle(before, sizes, new Map()).shares);
        for (const owned of shares.values())
          for (const { topic } of places(owned))
            for (const [other, otherTopics] of after)
              if (otherTopics.includes(topic))
                expect(owned.length - (shares.get(other)?.length ?? 0)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('L86 moves only as many partitions as the balance needs, in at most two rebalances', () => {
    fc.assert(
      fc.property(memberIds, memberIds, counts, (before, after, sizes) => {
        const first = settle(toAll(before), sizes, new Map()).shares;
        const { shares, rounds } = settle(toAll(after), sizes, first);

        expect(rounds).toBeLessThanOrEqual(2);
        const moved = after.flatMap((id) =>
          (first.get(id) ?? []).filter((name) => !shares.get(id)?.includes(name)),
        );
        const floor = Math.floor(total(sizes) / after.length);
        const withMore = total(sizes) % after.length;
        const stays = after.map((id) => first.get(id)?.length ?? 0);
        const above = stays.filter((size) => size > floor).length;
        const keepable =
          stays.reduce((sum, size) => sum + Math.min(size, floor), 0) + Math.min(above, withMore);
        expect(moved).toHaveLength(stays.reduce((sum, size) => sum + size, 0) - keepable);
      }),
    );
  });

  it('changes nothing if nothing has changed', () => {
    fc.assert(
      fc.property(subscriptions, counts, (members, sizes) => {
        const { shares } = settle(members, sizes, new Map());

        expect(rebalance(members, sizes, shares, 7)).toEqual(shares);
      }),
    );
  });

  const claiming = (memberId: string, generationId: number, userData: Buffer | null = null): GroupMember => ({
    memberId,
    topics: ['a'],
    ownedPartitions: places(['a/0']),
    generationId,
    userData,
  });
  const owners = (members: readonly GroupMember[], count = 1) =>
    Object.fromEntries(
      [...cooperativeStickyAssignor.assign(members, new Map([['a', count]]))].map(
        ([memberId, { partitions }]) => [memberId, names(partitions)],
      ),
    );

  it('leaves a partition to the member of the newest generation that claims it', () => {
    expect(owners([claiming('old', 1), claiming('owner', 2)])).toEqual({ old: [], owner: ['a/0'] });
  });

  it('withholds a partition that moves until its owner has given it up', () => {
    const full: GroupMember = { ...claiming('full', 3), ownedPartitions: places(['a/0', 'a/1']) };
    const idle: GroupMember = { memberId: 'idle', topics: ['a'] };

    expect(owners([full, idle], 2)).toEqual({ full: ['a/0'], idle: [] });
  });

  it('reads the generation of a member with an older subscription from its user data', () => {
    const generation = cooperativeStickyAssignor.userData?.({ topics: ['a'], generationId: 4 }) ?? null;
    const idle: GroupMember = { memberId: 'a-idle', topics: ['a'] };
    expect(generation).toEqual(Buffer.from([0, 0, 0, 4]));
    expect(owners([idle, claiming('owner', -1, generation)])).toEqual({ 'a-idle': [], owner: ['a/0'] });
  });
});
