import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import type { GroupMember } from './assignor.ts';
import { assignRanges } from './range-assignor.ts';

const memberIds = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 });
const topicNames = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 5 });

const subscribedToAll = (ids: readonly string[], topics: readonly string[]): GroupMember[] =>
  ids.map((memberId) => ({ memberId, topics }));

const sizes = (members: number, partitions: number): number[] => {
  const ids = Array.from({ length: members }, (_, index) => `member-${index}`);
  return [...assignRanges(subscribedToAll(ids, ['orders']), new Map([['orders', partitions]])).values()].map(
    (owned) => owned.length,
  );
};

describe('the range assignor', () => {
  it('L16 gives partition p of all topics with the same number of partitions to one member, whatever the order of the members', () => {
    fc.assert(
      fc.property(memberIds, topicNames, fc.integer({ min: 1, max: 24 }), (ids, topics, partitions) => {
        const counts = new Map(topics.map((topic) => [topic, partitions]));
        const owners = new Map<number, Set<string>>();
        for (const [memberId, owned] of assignRanges(subscribedToAll(ids, topics), counts))
          for (const { partition } of owned)
            owners.set(partition, (owners.get(partition) ?? new Set()).add(memberId));

        expect(owners.size).toBe(partitions);
        for (const members of owners.values()) expect(members.size).toBe(1);
        expect(assignRanges(subscribedToAll([...ids].reverse(), topics), counts).get(ids[0] ?? '')).toEqual(
          assignRanges(subscribedToAll(ids, topics), counts).get(ids[0] ?? ''),
        );
      }),
    );
  });

  it('assigns every partition of every topic exactly once, in shares that differ by at most one', () => {
    fc.assert(
      fc.property(
        memberIds,
        fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.integer({ min: 1, max: 24 }), { minKeys: 1 }),
        (ids, counts) => {
          const topics = Object.keys(counts);
          const assigned = assignRanges(subscribedToAll(ids, topics), new Map(Object.entries(counts)));
          for (const topic of topics) {
            const shares = [...assigned.values()].map((owned) =>
              owned.filter((one) => one.topic === topic).map((one) => one.partition),
            );
            const all = shares.flat().sort((left, right) => left - right);
            const lengths = shares.map((share) => share.length);

            expect(all).toEqual(Array.from({ length: counts[topic] ?? 0 }, (_, partition) => partition));
            expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  it('assigns a topic only to its subscribers', () => {
    const assigned = assignRanges(
      [
        { memberId: 'a', topics: ['orders'] },
        { memberId: 'b', topics: ['orders', 'payments'] },
      ],
      new Map([
        ['orders', 2],
        ['payments', 2],
      ]),
    );

    expect(assigned.get('a')).toEqual([{ topic: 'orders', partition: 0 }]);
    expect(assigned.get('b')).toEqual([
      { topic: 'orders', partition: 1 },
      { topic: 'payments', partition: 0 },
      { topic: 'payments', partition: 1 },
    ]);
  });

  it.each([
    [1, [6]],
    [2, [3, 3]],
    [3, [2, 2, 2]],
    [4, [2, 2, 1, 1]],
    [8, [1, 1, 1, 1, 1, 1, 0, 0]],
  ])('shares six partitions among %i members as the guides do', (members, expected) => {
    expect(sizes(members, 6)).toEqual(expected);
  });
});
