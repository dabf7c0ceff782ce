import { z } from 'zod';
import type { TopicIdentity, TopicPartition, CommittedOffset } from '../../client/index.ts';
import type { SqlDatabase, SqlTransaction, Queryable } from '../../postgres/index.ts';
import { renamingStore, readNote, renameStore, runbook } from '../outbox/commit-note.ts';
import { ConsumerError, FencedError } from './consumer-error.ts';

/**
 * Reads the offsets of the group in all logs that have had a topic of this name. $1 group, $2
 * topic, $3 partition.
 */
const offsetsOfTopic = `
  SELECT cluster_id, topic_id, next_offset FROM consumer_offset
  WHERE consumer_group = $1 AND topic = $2 AND partition = $3`;

/**
 * Raises the epoch. The row's lock makes it wait for an open transaction of the previous owner, so
 * it returns the previous owner's last offset. Later transactions of that owner are fenced. $6 is
 * the offset at which a new group begins.
 */
const raiseEpoch = `
  INSERT INTO consumer_offset (consumer_group, cluster_id, topic_id, partition, topic, next_offset)
  VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (consumer_group, topic_id, partition, cluster_id)
  DO UPDATE SET assignment_epoch = consumer_offset.assignment_epoch + 1, topic = excluded.topic
  RETURNING next_offset, assignment_epoch, (SELECT id FROM store_incarnation) AS store_id`;

/**
 * The first statement of the owner's transactions other than batches. It takes the same lock but
 * does not move the offset. If it returns no row, the owner is fenced.
 */
const lockOffset = `
  SELECT next_offset FROM consumer_offset
  WHERE consumer_group = $1 AND cluster_id = $2 AND topic_id = $3 AND partition = $4 AND assignment_epoch = $5
  FOR NO KEY UPDATE`;

const readOffset = `
  SELECT next_offset FROM consumer_offset
  WHERE consumer_group = $1 AND cluster_id = $2 AND topic_id = $3 AND partition = $4 AND assignment_epoch = $5`;

/** $1 group, $2 partition, $3 topic ids, $4 cluster id. */
const committedOffsets = `
  SELECT topic_id, next_offset FROM consumer_offset
  WHERE consumer_group = $1 AND partition = $2 AND topic_id = ANY ($3::uuid[]) AND cluster_id = $4`;

/** Reads by the primary key. The limit keeps the query cheap. $1 group. */
export const offsetsOfGroup = `
  SELECT cluster_id, topic_id, partition, next_offset FROM consumer_offset
  WHERE consumer_group = $1 ORDER BY consumer_group, topic_id, partition LIMIT 10000`;

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
 * Makes this process the partition's owner. Returns the row and the next offset, which is `start` for
 * a new group. Rejects with `offset_refused` if the group's offset belongs to another log.
 */
export async function takeOffset(
  database: SqlDatabase,
  group: string,
  { topic, partition }: TopicPartition,
  identity: TopicIdentity,
  start: bigint,
): Promise<TakenOffset> {
  const { rows } = await database.transaction(async (transaction) => {
    await refuseForeignOffset(transaction, group, { topic, partition }, identity);
    return transaction.query<TakenRow>(raiseEpoch, [
      group,
      identity.clusterId,
      identity.topicId,
      partition,
      topic,
      String(start),
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
      `Connect to the earlier log. Or, to begin in this one as a new group does: DELETE FROM consumer_offset WHERE consumer_group = '${group}' AND topic = '${topic}' AND topic_id = '${foreign.topic_id}'`,
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

/** The database and the topic that an offset on the broker belongs to. */
const noteSchema = z.object({ store: z.string(), topicId: z.string() });

export const offsetNote = (storeId: string, { topicId }: TopicIdentity): string =>
  JSON.stringify({ store: storeId, topicId } satisfies z.infer<typeof noteSchema>);

/**
 * Rejects with `offset_refused` when the broker has a later offset from this very database. An
 * offset goes to the broker only after its transaction was committed, so the database has lost that
 * transaction. Two cases are no evidence:
 * - The row is in epoch 1, so it is new: the group has just begun, or somebody deleted its offset.
 * - The offset lies beyond the log's end: the log itself has lost records.
 */
export function refuseOlderDatabase(
  { row, nextOffset, storeId }: TakenOffset,
  committed: CommittedOffset | undefined,
  end: bigint,
): void {
  if (row.epoch === 1n || committed === undefined) return;
  if (committed.offset <= nextOffset || committed.offset > end) return;
  const note = readNote(noteSchema, committed.metadata);
  if (note?.store !== storeId || note.topicId !== row.identity.topicId) return;
  const { group, topic, partition } = row;
  throw new ConsumerError(
    'offset_refused',
    `group ${group} of this database has already handled ${topic}-${partition} up to offset ` +
      `${committed.offset}, but the database is at ${nextOffset}: ` +
      'it was restored from a backup that is older than the log, or somebody set the offset back. ' +
      `First read ${runbook}. ` +
      `To handle the messages again from ${nextOffset} on: ${renameStore}`,
  );
}
