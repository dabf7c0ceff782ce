import { uuidV7TimeMs } from '../../contract/index.ts';
import type { SqlTransaction } from '../../postgres/index.ts';
import { fenced, type OffsetRow } from './offset-store.ts';
import type { Decoded } from './decode.ts';
import type { ParkingChanges } from './parked-messages.ts';

/**
 * The first statement of a batch's transaction. It moves the offset rows of the partitions, checks
 * the epoch and the offset of each, and inserts the messages into the inbox. As the last statement
 * of the transaction, it would detect a fenced owner too late.
 *
 * The offset rows are locked before the first inbox row, because the condition of the insert counts
 * the moved rows. Each kind of row is locked in a fixed order, so that two transactions with common
 * partitions or messages cannot deadlock. If fewer rows are moved than requested, the owner is
 * fenced and no message is inserted. `fresh` lists the messages that were inserted.
 *
 * Each offset row is looked up on its own, in the order of the sorted request. A plain join would
 * let the planner lock the rows again for every row of the group, which it does as long as the
 * table has never been analyzed.
 *
 * $1 group; for each partition $2 cluster id, $3 topic id, $4 partition, $5 epoch, $6 offset, $7
 * next offset; for each message $8 source, $9 id, $10 time (ms).
 */
const openBatchStatement = `
  WITH held AS MATERIALIZED (
    SELECT found.cluster_id, found.topic_id, found.partition, wanted.next_offset
    FROM (
      SELECT * FROM unnest($2::text[], $3::uuid[], $4::integer[], $5::bigint[], $6::bigint[], $7::bigint[])
        AS requested (cluster_id, topic_id, partition, epoch, expected, next_offset)
      ORDER BY topic_id, partition
    ) AS wanted
    CROSS JOIN LATERAL (
      SELECT cluster_id, topic_id, partition FROM consumer_offset
      WHERE consumer_group = $1 AND topic_id = wanted.topic_id AND partition = wanted.partition
        AND cluster_id = wanted.cluster_id AND assignment_epoch = wanted.epoch AND next_offset = wanted.expected
      FOR NO KEY UPDATE
    ) AS found
  ), moved AS (
    UPDATE consumer_offset AS stored SET next_offset = held.next_offset, updated_at = now()
    FROM held
    WHERE stored.consumer_group = $1 AND stored.topic_id = held.topic_id AND stored.partition = held.partition
      AND stored.cluster_id = held.cluster_id
    RETURNING stored.partition
  ), noted AS (
    INSERT INTO inbox (consumer_group, source, id, time)
    SELECT $1, message.source, message.id, to_timestamp(message.time_ms / 1000.0)
    FROM unnest($8::text[], $9::uuid[], $10::bigint[]) AS message (source, id, time_ms)
    WHERE (SELECT count(*) FROM moved) = cardinality($4::integer[])
    ORDER BY message.id, message.source COLLATE "C"
    ON CONFLICT DO NOTHING
    RETURNING id::text || ' ' || source AS name
  )
  SELECT (SELECT count(*)::integer FROM moved) AS moved, ARRAY (SELECT name FROM noted) AS fresh`;

/** The identity of a message: its source and its id, a UUIDv7. */
export interface InboxMessage {
  readonly source: string;
  readonly id: string;
}

/** A move of a partition's committed offset. */
interface OffsetMove {
  readonly row: OffsetRow;
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * Moves the offsets of some partitions of one group and inserts the messages into its inbox. It
 * must send the transaction's first statement. Returns the messages that the group had not handled,
 * and of copies within the call only the first. If the transaction commits, their effects happen
 * once, however often they are delivered. Rejects with `FencedError` if an epoch or an offset has
 * changed.
 */
export async function openBatch<M extends InboxMessage>(
  transaction: SqlTransaction,
  moves: readonly [OffsetMove, ...OffsetMove[]],
  messages: readonly M[],
): Promise<ReadonlySet<M>> {
  const [{ row: first }] = moves;
  const { rows } = await transaction.query<{ moved: number; fresh: readonly string[] }>(openBatchStatement, [
    first.group,
    moves.map(({ row }) => row.identity.clusterId),
    moves.map(({ row }) => row.identity.topicId),
    moves.map(({ row }) => row.partition),
    moves.map(({ row }) => String(row.epoch)),
    moves.map(({ from }) => String(from)),
    moves.map(({ to }) => String(to)),
    messages.map(({ source }) => source),
    messages.map(({ id }) => id),
    messages.map(({ id }) => uuidV7TimeMs(id)),
  ]);
  const [opened] = rows;
  if (opened === undefined || opened.moved < moves.length) throw fenced(first);
  const fresh = new Set(opened.fresh);
  return new Set(messages.filter((message) => fresh.delete(nameOf(message))));
}

/** Copies of a message have the same name. */
export const nameOf = ({ source, id }: InboxMessage): string => `${id.toLowerCase()} ${source}`;

/** The work of one transaction for one partition: a range of offsets and the records in it. */
export interface Batch extends OffsetMove {
  readonly items: readonly Decoded[];
  readonly parking?: ParkingChanges;
}

export type Batches = readonly [Batch, ...Batch[]];
