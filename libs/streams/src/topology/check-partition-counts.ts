import { TopologyError } from './topology-error.ts';

/** Throws if topics that are read together were given different numbers of partitions. */
export function checkPartitionCounts(
  groups: readonly (readonly string[])[],
  partitionCounts: ReadonlyMap<string, number | undefined>,
): void {
  for (const topics of groups) {
    const counts = topics.map((topic) => partitionCounts.get(topic));
    if (counts.includes(undefined) || new Set(counts).size <= 1) continue;
    const listed = topics.map((topic, index) => `${topic} (${counts[index]})`).sort();
    throw new TopologyError(
      `These topics are joined but have different numbers of partitions: ${listed.join(', ')}. ` +
        'Give them the same partitionCount',
    );
  }
}
