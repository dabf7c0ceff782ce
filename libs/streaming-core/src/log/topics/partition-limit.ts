import { ProtocolError } from '../../protocol/errors.ts';
import type { TopicDescription } from './topic-catalog.ts';

export interface PartitionLimit {
  /** Partitions of all topics together. */
  readonly partitionsMax: number;
  /** The number of partitions that is kept free for each of these topics until it exists. */
  readonly reservedPartitions: ReadonlyMap<string, number>;
}

type PartitionsOfTopic = Pick<TopicDescription, 'name' | 'partitions'>;

/**
 * Throws INVALID_PARTITIONS if the added partitions do not fit beside those of the existing topics.
 */
export function checkPartitionsAdded(
  { name, partitions: added }: PartitionsOfTopic,
  topics: readonly PartitionsOfTopic[],
  { partitionsMax, reservedPartitions }: PartitionLimit,
): void {
  const existing = total(topics.map(({ partitions }) => partitions));
  const names = new Set(topics.map((topic) => topic.name));
  const awaited = reservedPartitions.has(name)
    ? []
    : [...reservedPartitions].filter(([topic]) => !names.has(topic));
  const reserved = total(awaited.map(([, partitions]) => partitions));
  if (existing + added + reserved <= partitionsMax) return;
  const kept = reserved === 0 ? '' : `, ${reserved} of which are reserved for ${topicsIn(awaited)}`;
  const remedy =
    'use fewer, raise the limit (--partitions-max, millrace.partitions.max), or run Apache Kafka';
  throw new ProtocolError(
    'INVALID_PARTITIONS',
    `${name}: ${added} partitions on top of ${existing} exceed this broker's limit of ` +
      `${partitionsMax}${kept}: ${remedy}`,
  );
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

const topicsIn = (entries: ReadonlyArray<readonly [string, number]>): string =>
  entries.map(([topic]) => topic).join(' and ');
