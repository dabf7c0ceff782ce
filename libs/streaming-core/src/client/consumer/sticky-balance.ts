import type { TopicPartition } from '../types.ts';
import { allPartitions, byMember, type GroupMember } from './assignor.ts';

/** A member with the partitions that it is to have. */
interface Share {
  readonly member: GroupMember;
  readonly kept: TopicPartition[];
  readonly added: TopicPartition[];
}

const loadOf = ({ kept, added }: Share): number => kept.length + added.length;

/**
 * Balances the partitions over the members that subscribe to their topics, and moves as few as
 * needed away from the member that `ownerOf` names. In the result, no partition could move to a
 * member that has at least two fewer.
 */
export function balance(
  members: readonly GroupMember[],
  partitionCounts: ReadonlyMap<string, number>,
  ownerOf: (at: TopicPartition) => string | undefined,
): ReadonlyMap<string, readonly TopicPartition[]> {
  const shares = [...members].sort(byMember).map((member): Share => ({ member, kept: [], added: [] }));
  const candidates = new Map(
    [...partitionCounts.keys()].map((topic) => [
      topic,
      shares.filter(({ member }) => member.topics.includes(topic)),
    ]),
  );
  const candidatesOf = ({ topic }: TopicPartition): readonly Share[] => candidates.get(topic) ?? [];
  const free = allPartitions(partitionCounts).filter((at) => {
    const owner = ownerOf(at);
    const share = candidatesOf(at).find(({ member }) => member.memberId === owner);
    share?.kept.push(at);
    return share === undefined;
  });
  // The partitions that the fewest members may have come first, while there is still a choice.
  for (const at of free.toSorted((one, other) => candidatesOf(one).length - candidatesOf(other).length))
    leastLoaded(candidatesOf(at))?.added.push(at);
  while (moveOne(shares, candidatesOf));
  return new Map(shares.map(({ member, kept, added }) => [member.memberId, [...kept, ...added]]));
}

/**
 * Moves a partition from the most loaded member that has one to give. Every move makes the loads
 * more equal, so the moves end. Partitions that nobody had before move first.
 */
function moveOne(shares: readonly Share[], candidatesOf: (at: TopicPartition) => readonly Share[]): boolean {
  for (const from of shares.toSorted((one, other) => loadOf(other) - loadOf(one)))
    for (const list of [from.added, from.kept])
      for (let index = list.length - 1; index >= 0; index -= 1) {
        const to = leastLoaded(candidatesOf(list[index]!));
        if (to === undefined || loadOf(to) + 1 >= loadOf(from)) continue;
        to.added.push(...list.splice(index, 1));
        return true;
      }
  return false;
}

const leastLoaded = (shares: readonly Share[]): Share | undefined =>
  shares.reduce<Share | undefined>(
    (least, share) => (least === undefined || loadOf(share) < loadOf(least) ? share : least),
    undefined,
  );
