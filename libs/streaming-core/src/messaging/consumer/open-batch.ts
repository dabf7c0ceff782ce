import { uuidV7TimeMs } from '../../contract/index.ts';
import type { SqlTransaction } from '../../postgres/index.ts';
import { fenced, type OffsetRow } from './offset-store.ts';
import { openBatchStatement } from './open-batch.sql.ts';

/** The identity of a message: its source and its id, a UUIDv7. */
export interface InboxMessage {
  readonly source: string;
  readonly id: string;
}

/** A move of a partition's committed offset. */
export interface OffsetMove {
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
