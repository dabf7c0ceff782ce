import type { TopicPartition } from '../types.ts';

/** Offsets in the shape in which a group's coordinator takes them, by topic. */
export function commitTopics(offsets: ReadonlyArray<TopicPartition & { readonly offset: bigint }>) {
  const topics = new Map<
    string,
    Array<{
      partitionIndex: number;
      committedOffset: bigint;
      committedLeaderEpoch: number;
      committedMetadata: null;
    }>
  >();
  for (const { topic, partition, offset } of offsets) {
    const partitions = topics.get(topic) ?? [];
    partitions.push({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: -1,
      committedMetadata: null,
    });
    topics.set(topic, partitions);
  }
  return [...topics].map(([name, partitions]) => ({ name, partitions }));
}
