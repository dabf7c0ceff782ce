import type { TopicPartition } from '../topic-partition.ts';
import { byMember, type GroupMember, type ImmediateAssignor } from './assignor.ts';

/**
 * Assigns partitions as Kafka's `RangeAssignor` does. For each topic, the subscribed members, in the
 * order of `byMember`, get contiguous ranges, and the first members get one more partition if the
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
    const subscribers = members.filter((member) => member.topics.includes(topic)).sort(byMember);
    subscribers.forEach((member, index) =>
      assigned.get(member.memberId)?.push(...range(topic, partitions, subscribers.length, index)),
    );
  }
  return assigned;
}

function range(topic: string, partitions: number, subscribers: number, index: number): TopicPartition[] {
  const share = Math.floor(partitions / subscribers);
  const extra = partitions % subscribers;
  const first = share * index + Math.min(index, extra);
  const count = share + (index < extra ? 1 : 0);
  return Array.from({ length: count }, (_, offset) => ({ topic, partition: first + offset }));
}

/** Kafka's `range`. The racks of members and brokers have no influence. */
export const rangeAssignor: ImmediateAssignor = Object.freeze({
  name: 'range',
  protocols: ['eager'] as const,
  assign: (members: readonly GroupMember[], partitionCounts: ReadonlyMap<string, number>) =>
    new Map(
      [...assignRanges(members, partitionCounts)].map(([memberId, partitions]) => [memberId, { partitions }]),
    ),
});
