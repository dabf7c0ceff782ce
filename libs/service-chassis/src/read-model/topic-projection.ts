import type { MessageContext, MessageHandler } from '@millrace/streaming-core/consumer';
import type { Message, MessageType } from '@millrace/streaming-core/contract';
import {
  collect,
  writeRanks,
  type CollectedWrite,
  type SqlTransaction,
} from '@millrace/streaming-core/postgres';

/** What a message changes: the fields of one row that it gives; what it leaves out stays as it is. */
export interface RowChange<Row> {
  readonly handler: Pick<MessageHandler, 'message'>;
  rowOf(message: Message, context: MessageContext): Row;
}

/** `const when = changesOf<OverviewChange>()`, then `when(orderEvents.OrderCreated, (event, context) => ({ orderId: event.orderId, ... }))`. */
export const changesOf =
  <Row>() =>
  <Type extends string, Fields extends object>(
    message: MessageType<Type, Fields>,
    rowOf: (message: Message<Type, Fields>, context: MessageContext) => Row,
  ): RowChange<Row> => ({ handler: { message }, rowOf: rowOf as RowChange<Row>['rowOf'] });

export interface TopicProjectionOptions<Row> {
  readonly name: string;
  /** Gives `id` and `version` of those of $1 (text[]) that there are: what a reader waits for. */
  readonly versions: string;
  readonly key: keyof Row & string;
  /** Two changes of one row in a batch; of two topics either may come first. */
  merge(kept: Row, next: Row): Row;
  /** One statement that writes its rows in the order of their keys, so that two processes never deadlock. Each row comes once. */
  write(transaction: SqlTransaction, rows: readonly Row[]): Promise<void>;
}

/** A read model that is fed from topics, of whichever services, wherever its database is. */
export interface TopicProjection {
  readonly name: string;
  readonly versions: string;
  readonly handlers: readonly MessageHandler[];
}

/**
 * Each message exactly once, in order per key and topic; between topics there is no order, so each writes columns of its own. A batch is one
 * statement. Exactly once and in the database of the read model: offset, inbox and rows commit together.
 */
export function topicProjection<Row extends object>(
  { name, versions, key, merge, write }: TopicProjectionOptions<Row>,
  changes: readonly RowChange<Row>[],
): TopicProjection {
  const kind: CollectedWrite<Row> = {
    rank: writeRanks.projections,
    write: (transaction, rows) => write(transaction, merged(rows, key, merge)),
  };
  const handlers = changes.map(({ handler, rowOf }) => ({
    ...handler,
    handle: (message: Message, context: MessageContext) =>
      collect(context.transaction, kind, [rowOf(message, context)]),
  }));
  return { name, versions, handlers };
}

function merged<Row>(
  rows: readonly Row[],
  key: keyof Row,
  merge: (kept: Row, next: Row) => Row,
): readonly Row[] {
  const byKey = new Map<unknown, Row>();
  for (const row of rows) {
    const kept = byKey.get(row[key]);
    byKey.set(row[key], kept === undefined ? row : merge(kept, row));
  }
  return [...byKey.values()];
}
