import { uuidV7TimeMs } from '../../contract/index.ts';
import type { SqlTransaction } from '../../postgres/index.ts';
import { fenced, type OffsetRow } from './offset-store.ts';
import { openBatchStatement } from './open-batch.sql.ts';

/** What makes a message the same message: its source and its id, a UUIDv7. */
export interface InboxMessage {
  readonly source: string;
  readonly id: string;
}

/** A partition on its way from one offset to another. */
export interface OffsetMove {
  readonly row: OffsetRow;
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * Must be the transaction's first statement: moves the offsets of some partitions of one group and notes that it has handled these messages.
 * Returns those that it had not: of copies within the call the first. If the transaction commits, their effects happen once, however often
 * they are delivered. Rejects with `FencedError` when an epoch or an offset has moved on.
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

/** Equal for copies of one message. */
export const nameOf = ({ source, id }: InboxMessage): string => `${id.toLowerCase()} ${source}`;
