import type { OffsetToCommit, TopicPartition } from '../types.ts';

/** Groups offsets by topic, as in the body of an OffsetCommit request. */
export function commitTopics(offsets: readonly OffsetToCommit[]) {
  const topics = Map.groupBy(offsets, ({ topic }) => topic);
  return [...topics].map(([name, places]) => ({
    name,
    partitions: places.map(({ partition, offset, metadata = null }) => ({
      partitionIndex: partition,
      committedOffset: offset,
      committedLeaderEpoch: -1,
      committedMetadata: metadata,
    })),
  }));
}

/** Groups partitions by topic, as in the body of an OffsetFetch request. */
export function fetchTopics(partitions: readonly TopicPartition[]) {
  const topics = Map.groupBy(partitions, ({ topic }) => topic);
  return [...topics].map(([name, places]) => ({
    name,
    partitionIndexes: places.map(({ partition }) => partition),
  }));
}
