import type { LagReader, PartitionLag, TopicPartition } from '../../client/index.ts';
import { partitionsOf } from '../../client/lag/lag-reader.ts';
import type { Queryable } from '../../postgres/index.ts';
import { offsetsOfGroup } from './offset-store.ts';

export interface StoredLagOptions {
  readonly database: Queryable;
  readonly reader: Pick<LagReader, 'identify' | 'beginningOffsets' | 'ofOffsets'>;
  readonly group: string;
  /**
   * The topics of the group. A partition without a stored offset counts from its beginning, where
   * the group would start.
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
  const untouched = await reader.beginningOffsets(partitions.filter((at) => offsetOf(at) === undefined));
  const read = partitions.flatMap((at) => {
    const offset = offsetOf(at);
    return offset === undefined ? [] : [{ ...at, offset }];
  });
  return reader.ofOffsets([...read, ...untouched], identities);
}
