import type { TopicPartition } from '../topic-partition.ts';
import { type GroupMember, type ImmediateAssignor, allPartitions, byMember } from './assignor.ts';
import { nameOf } from '../partition-map.ts';

/**
 * Kafka's `cooperative-sticky`: balances the partitions and moves as few as possible. A partition
 * that moves is assigned to nobody until its owner has given it up and rejoined, so no partition
 * ever has two owners.
 */
export const cooperativeStickyAssignor: ImmediateAssignor = Object.freeze({
  name: 'cooperative-sticky',
  protocols: ['cooperative', 'eager'] as const,
  /** The generation, for leaders that do not read it from the subscription. */
  userData({ generationId }: { readonly generationId: number }) {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(generationId);
    return bytes;
  },
  assign(members: readonly GroupMember[], partitionCounts: ReadonlyMap<string, number>) {
    const owners = latestOwners(members);
    const target = balance(members, partitionCounts, (at) => owners.get(nameOf(at)));
    const claims = claimsOf(members);
    const isFree = (at: TopicPartition, memberId: string) => claims.get(nameOf(at))?.has(memberId) ?? true;
    return new Map(
      [...target].map(([memberId, partitions]) => [
        memberId,
        { partitions: partitions.filter((at) => isFree(at, memberId)) },
      ]),
    );
  },
});

/**
 * Returns the member that each partition was last assigned to. If two members of one generation
 * claim a partition, one of them is wrong and it has no owner.
 */
function latestOwners(members: readonly GroupMember[]): ReadonlyMap<string, string | undefined> {
  const owners = new Map<string, { generationId: number; memberId: string | undefined }>();
  for (const member of members) {
    const { memberId, ownedPartitions = [] } = member;
    const generationId = generationOf(member);
    for (const at of ownedPartitions) {
      const known = owners.get(nameOf(at));
      if (known === undefined || known.generationId < generationId)
        owners.set(nameOf(at), { generationId, memberId });
      else if (known.generationId === generationId) known.memberId = undefined;
    }
  }
  return new Map([...owners].map(([name, { memberId }]) => [name, memberId]));
}

/** Returns all members that still hold each partition, even by an old generation. */
function claimsOf(members: readonly GroupMember[]): ReadonlyMap<string, ReadonlySet<string>> {
  const claims = new Map<string, Set<string>>();
  for (const { memberId, ownedPartitions = [] } of members)
    for (const at of ownedPartitions)
      claims.set(nameOf(at), (claims.get(nameOf(at)) ?? new Set()).add(memberId));
  return claims;
}

const unknownGeneration = -1;

/** A member with a subscription of version 1 has its generation only in its user data. */
function generationOf({ generationId = unknownGeneration, userData }: GroupMember): number {
  if (generationId !== unknownGeneration) return generationId;
  return userData?.length === 4 ? userData.readInt32BE() : unknownGeneration;
}

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
function balance(
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
