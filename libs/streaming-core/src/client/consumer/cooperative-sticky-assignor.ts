import type { TopicPartition } from '../types.ts';
import type { GroupMember, ImmediateAssignor } from './assignor.ts';
import { nameOf } from '../partition-names.ts';
import { balance } from './sticky-balance.ts';

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
