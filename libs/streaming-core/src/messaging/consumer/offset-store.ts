import type { TopicIdentity, TopicPartition } from '../../client/index.ts';
import type { SqlDatabase, SqlTransaction, Queryable } from '../../postgres/index.ts';
import { renamingStore } from '../outbox/commit-note.ts';
import { ConsumerError, FencedError } from './consumer-error.ts';
import { committedOffsets, lockOffset, offsetsOfTopic, raiseEpoch, readOffset } from './offset.sql.ts';

/** The key and the epoch of a `consumer_offset` row, as its owner knows them. */
export interface OffsetRow extends TopicPartition {
  readonly group: string;
  readonly identity: TopicIdentity;
  readonly epoch: bigint;
}

export interface TakenOffset {
  readonly row: OffsetRow;
  /** The offset of the next message to handle. */
  readonly nextOffset: bigint;
  /** The id of the database that has the row. */
  readonly storeId: string;
}

/**
 * Makes this process the partition's owner. Returns the row and the next offset. Rejects with
 * `offset_refused` if the group's offset belongs to another log.
 */
export async function takeOffset(
  database: SqlDatabase,
  group: string,
  { topic, partition }: TopicPartition,
  identity: TopicIdentity,
  beginning: bigint,
): Promise<TakenOffset> {
  const { rows } = await database.transaction(async (transaction) => {
    await refuseForeignOffset(transaction, group, { topic, partition }, identity);
    return transaction.query<TakenRow>(raiseEpoch, [
      group,
      identity.clusterId,
      identity.topicId,
      partition,
      topic,
      String(beginning),
    ]);
  });
  const taken = rows[0];
  if (taken === undefined) throw new Error(`the offset of ${topic}-${partition} could not be taken`);
  return {
    row: { group, topic, partition, identity, epoch: BigInt(taken.assignment_epoch) },
    nextOffset: BigInt(taken.next_offset),
    storeId: taken.store_id,
  };
}

type TakenRow = { next_offset: string; assignment_epoch: string; store_id: string };

async function refuseForeignOffset(
  transaction: SqlTransaction,
  group: string,
  { topic, partition }: TopicPartition,
  { clusterId, topicId }: TopicIdentity,
): Promise<void> {
  const { rows } = await transaction.query<{ cluster_id: string; topic_id: string; next_offset: string }>(
    offsetsOfTopic,
    [group, topic, partition],
  );
  if (rows.some((row) => row.cluster_id === clusterId && row.topic_id === topicId.toLowerCase())) return;
  const foreign = rows.find((row) => row.next_offset !== '0');
  if (foreign === undefined) return;
  const what =
    foreign.cluster_id === clusterId ? 'the topic was deleted and recreated' : 'this is another cluster';
  throw new ConsumerError(
    'offset_refused',
    `group ${group} has offset ${foreign.next_offset} of ${topic}-${partition} in cluster ` +
      `${foreign.cluster_id}, topic id ${foreign.topic_id}, but the log is cluster ${clusterId}, ` +
      `topic id ${topicId}: ${what}. ` +
      `Connect to the earlier log. Or, to read this one from its beginning: DELETE FROM consumer_offset WHERE consumer_group = '${group}' AND topic = '${topic}' AND topic_id = '${foreign.topic_id}'`,
  );
}

/**
 * Throws `offset_refused` if the log does not hold the offset. `end` must have been read after the
 * offset.
 */
export function refuseOutside(
  { group, topic, partition }: OffsetRow,
  nextOffset: bigint,
  beginning: bigint,
  end: bigint,
): void {
  if (nextOffset >= beginning && nextOffset <= end) return;
  const moveTo = (offset: bigint) =>
    `UPDATE consumer_offset SET next_offset = ${offset} WHERE consumer_group = '${group}' AND topic = '${topic}' AND partition = ${partition}`;
  const [why, remedy] =
    nextOffset > end
      ? [
          `lies beyond the end of the log, ${end}: the log has lost records that this group has ` +
            'handled; restore the log',
          renamingStore(moveTo(end)),
        ]
      : [
          `lies before the first record that the log still holds, ${beginning}: records were deleted unread`,
          moveTo(beginning),
        ];
  throw new ConsumerError(
    'offset_refused',
    `offset ${nextOffset} of group ${group} in ${topic}-${partition} ${why}. To continue regardless: ${remedy}`,
  );
}

const keyOf = ({ group, identity, partition, epoch }: OffsetRow) => [
  group,
  identity.clusterId,
  identity.topicId,
  partition,
  String(epoch),
];

/** Locks the offset row and checks its epoch. It must send the transaction's first statement. */
export async function lock(transaction: SqlTransaction, row: OffsetRow): Promise<void> {
  const { rowCount } = await transaction.query(lockOffset, keyOf(row));
  if (rowCount === 0) throw fenced(row);
}

/** Reads the committed offset, for example after an error during COMMIT. */
export async function committed(database: Queryable, row: OffsetRow): Promise<bigint> {
  const { rows } = await database.query<{ next_offset: string }>(readOffset, keyOf(row));
  if (rows[0] === undefined) throw fenced(row);
  return BigInt(rows[0].next_offset);
}

/** Reads the offsets of one partition number by topic id. The offset is 0 if the group has none. */
export async function committedByTopic(
  database: Queryable,
  { group, partition }: OffsetRow,
  identities: readonly TopicIdentity[],
): Promise<(topicId: string) => bigint> {
  const ids = identities.map(({ topicId }) => topicId);
  const values = [group, partition, ids, identities[0]?.clusterId ?? ''];
  const { rows } = await database.query<{ topic_id: string; next_offset: string }>(committedOffsets, values);
  const offsets = new Map(rows.map((row) => [row.topic_id, BigInt(row.next_offset)]));
  return (topicId) => offsets.get(topicId.toLowerCase()) ?? 0n;
}

export const fenced = ({ group, topic, partition, epoch }: OffsetRow) =>
  new FencedError(
    `another process owns ${topic}-${partition} of group ${group}: the assignment epoch is no longer ${epoch}`,
  );
