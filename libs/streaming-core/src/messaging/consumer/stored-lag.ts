import type { LagReader, PartitionLag, PartitionOffset, TopicPartition } from '../../client/index.ts';
import { partitionsOf } from '../../client/lag/lag-reader.ts';
import type { Queryable } from '../../postgres/index.ts';
import { offsetsSince, readStarts } from './consumer-start.ts';
import { offsetsOfGroup } from './offset-store.ts';

export interface StoredLagOptions {
  readonly database: Queryable;
  readonly reader: Pick<
    LagReader,
    'identify' | 'beginningOffsets' | 'endOffsets' | 'offsetsForTimes' | 'ofOffsets'
  >;
  readonly group: string;
  /**
   * The topics of the group. A partition without a stored offset counts from where the group would
   * start.
   */
  readonly topics: readonly string[];
}

type StoredOffset = { cluster_id: string; topic_id: string; partition: number; next_offset: string };

/**
 * Returns the lag of a group whose offsets are stored in PostgreSQL, whether its partitions have an
 * owner or not.
 */
export async function storedLag({
  database,
  reader,
  group,
  topics,
}: StoredLagOptions): Promise<readonly PartitionLag[]> {
  const identities = await reader.identify(topics);
  const { rows } = await database.query<StoredOffset>(offsetsOfGroup, [group]);
  const stored = new Map(
    rows.map((row) => [`${row.cluster_id} ${row.topic_id} ${row.partition}`, BigInt(row.next_offset)]),
  );
  const partitions = [...identities].flatMap(([topic, identity]) => partitionsOf(topic, identity));
  const offsetOf = ({ topic, partition }: TopicPartition) => {
    const identity = identities.get(topic);
    return stored.get(`${identity?.clusterId} ${identity?.topicId.toLowerCase()} ${partition}`);
  };
  const untouched = partitions.filter((at) => offsetOf(at) === undefined);
  const begins = untouched.length === 0 ? [] : await beginsOf({ database, reader, group }, untouched);
  const read = partitions.flatMap((at) => {
    const offset = offsetOf(at);
    return offset === undefined ? [] : [{ ...at, offset }];
  });
  return reader.ofOffsets([...read, ...begins], identities);
}

async function beginsOf(
  { database, reader, group }: Omit<StoredLagOptions, 'topics'>,
  partitions: readonly TopicPartition[],
): Promise<readonly PartitionOffset[]> {
  const starts = await readStarts(database, group, [...new Set(partitions.map(({ topic }) => topic))]);
  const fromBeginning = partitions.filter(({ topic }) => !starts.has(topic));
  const fromMoment = partitions.flatMap((at) => {
    const timestampMs = starts.get(at.topic);
    return timestampMs === undefined ? [] : [{ ...at, timestampMs }];
  });
  const [beginnings, since] = await Promise.all([
    reader.beginningOffsets(fromBeginning),
    offsetsSince(reader, fromMoment),
  ]);
  return [...beginnings, ...since];
}
