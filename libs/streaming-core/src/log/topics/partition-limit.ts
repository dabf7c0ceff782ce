import { ProtocolError } from '../../protocol/errors.ts';
import type { TopicDescription } from '../topic-description.ts';

export interface PartitionLimit {
  /** Partitions of all topics together. */
  readonly partitionsMax: number;
  /** Partitions by topic. Until these topics exist, no other topic gets the room that they will need. */
  readonly reservedPartitions: ReadonlyMap<string, number>;
}

type PartitionsOfTopic = Pick<TopicDescription, 'name' | 'partitions'>;

/** Throws INVALID_PARTITIONS when a topic would get more partitions than there is room for beside the topics that exist. */
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
    `${name}: ${added} partitions on top of ${existing} are more than the ${partitionsMax} of this broker${kept}: ${remedy}`,
  );
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

const topicsIn = (entries: ReadonlyArray<readonly [string, number]>): string =>
  entries.map(([topic]) => topic).join(' and ');
