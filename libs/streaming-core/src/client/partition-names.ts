import type { TopicPartition } from './types.ts';

/** A key for maps. */
export const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** Returns the partitions that are not among the others. */
export function without<Place extends TopicPartition>(
  partitions: readonly Place[],
  others: readonly TopicPartition[],
): readonly Place[] {
  const names = new Set(others.map(nameOf));
  return partitions.filter((at) => !names.has(nameOf(at)));
}
