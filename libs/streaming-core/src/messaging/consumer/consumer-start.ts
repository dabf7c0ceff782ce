import type {
  GroupConsumer,
  PartitionOffset,
  PartitionTime,
  TopicIdentity,
  TopicPartition,
} from '../../client/index.ts';
import type { Queryable } from '../../postgres/index.ts';
import { hours, type DurationMs } from '../../runtime/index.ts';

/**
 * How much earlier than the recorded moment reading begins. A record has the time of its writer's
 * clock, which may be behind the clock of the database that has recorded the moment.
 */
const clockDifferenceMsMax: DurationMs = hours(1);

/** $1 group, $2 topics. */
const startsOfTopics = `
  SELECT topic, floor(extract(epoch FROM since) * 1000)::float8 AS since_ms
  FROM consumer_start WHERE consumer_group = $1 AND topic = ANY ($2::text[])`;

/** Returns no row if the group has an offset. $1 group, $2 topic, $3 cluster, $4 topic id, $5 partition. */
const startWithoutOffset = `
  SELECT topic, floor(extract(epoch FROM since) * 1000)::float8 AS since_ms
  FROM consumer_start
  WHERE consumer_group = $1 AND topic = $2 AND NOT EXISTS (
    SELECT FROM consumer_offset
    WHERE consumer_group = $1 AND cluster_id = $3 AND topic_id = $4 AND partition = $5)`;

type StartRow = { topic: string; since_ms: number };

export interface StartingGroup {
  readonly database: Queryable;
  readonly group: string;
  readonly consumer: Pick<GroupConsumer, 'endOffsets' | 'offsetsForTimes'>;
}

/**
 * Returns the offset at which the group begins if it has none of this partition: the beginning,
 * unless the table `consumer_start` has a moment for the group and the topic.
 */
export async function startOffset(
  { database, group, consumer }: StartingGroup,
  { topic, partition }: TopicPartition,
  { clusterId, topicId }: TopicIdentity,
  beginning: bigint,
): Promise<bigint> {
  const { rows } = await database.query<StartRow>(startWithoutOffset, [
    group,
    topic,
    clusterId,
    topicId,
    partition,
  ]);
  if (rows[0] === undefined) return beginning;
  const [start] = await offsetsSince(consumer, [{ topic, partition, timestampMs: rows[0].since_ms }]);
  return start?.offset ?? beginning;
}

/** Reads the moments from which the group reads these topics, in Unix milliseconds, by topic. */
export async function readStarts(
  database: Queryable,
  group: string,
  topics: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await database.query<StartRow>(startsOfTopics, [group, topics]);
  return new Map(rows.map(({ topic, since_ms }) => [topic, since_ms]));
}

/**
 * Finds the first records of the given moments or later, an hour earlier for the sake of clocks that
 * differ. Returns the end of a partition that has none.
 */
export async function offsetsSince(
  log: Pick<GroupConsumer, 'endOffsets' | 'offsetsForTimes'>,
  starts: readonly PartitionTime[],
): Promise<readonly PartitionOffset[]> {
  // The ends come first: a record that arrives between the two answers is found by its time.
  const ends = await log.endOffsets(starts);
  const found = await log.offsetsForTimes(
    starts.map(({ topic, partition, timestampMs }) => {
      // Negative times have a special meaning for the log.
      return { topic, partition, timestampMs: Math.max(0, timestampMs - clockDifferenceMsMax) };
    }),
  );
  return ends.map(({ topic, partition, offset }, index) => {
    return { topic, partition, offset: found[index]?.offset ?? offset };
  });
}
