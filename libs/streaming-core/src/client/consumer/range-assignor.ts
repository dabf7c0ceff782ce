import type { TopicPartition } from '../types.ts';

export interface GroupMember {
  readonly memberId: string;
  readonly topics: readonly string[];
}

/**
 * Assigns partitions as Kafka's `RangeAssignor` does. For each topic, the subscribed members,
 * sorted by member id, get contiguous ranges, and the first members get one more partition if the
 * number does not divide evenly. The order of the members is the same for every topic. So topics
 * with equal partition counts and equal subscribers are co-partitioned: one member has partition p
 * of all of them, and handles both the commands and the replies of a key.
 */
export function assignRanges(
  members: readonly GroupMember[],
  partitionCounts: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly TopicPartition[]> {
  const assigned = new Map<string, TopicPartition[]>(members.map((member) => [member.memberId, []]));
  for (const [topic, partitions] of partitionCounts) {
    const subscribers = members.filter((member) => member.topics.includes(topic)).sort(byMemberId);
    subscribers.forEach((member, index) =>
      assigned.get(member.memberId)?.push(...range(topic, partitions, subscribers.length, index)),
    );
  }
  return assigned;
}

/**
 * Compares UTF-16 code units, as Java's `String.compareTo` does, because members with either client
 * must agree on the order.
 */
function byMemberId(left: GroupMember, right: GroupMember): number {
  if (left.memberId === right.memberId) return 0;
  return left.memberId < right.memberId ? -1 : 1;
}

function range(topic: string, partitions: number, subscribers: number, index: number): TopicPartition[] {
  const share = Math.floor(partitions / subscribers);
  const extra = partitions % subscribers;
  const first = share * index + Math.min(index, extra);
  const count = share + (index < extra ? 1 : 0);
  return Array.from({ length: count }, (_, offset) => ({ topic, partition: first + offset }));
}
