import type { MessageContext, MessageHandler } from '@millrace/streaming-core/consumer';
import type { Message, MessageOf, MessageType, Topic } from '@millrace/streaming-core/contract';
import { collect, leaveWork, writeRanks, type CollectedWrite } from '@millrace/streaming-core/postgres';
import type { z } from 'zod';
import type { MessageStamp, ReadModel, ReadModelTable, RowOf } from './read-model.ts';
import { quoted, type Key, type Row } from './row-table.ts';

/** Fields that a message changes. A field that is absent or undefined keeps its value. */
export type TopicChange<TableRow, RowKey extends string> = {
  readonly [Name in Exclude<keyof TableRow, RowKey>]?: Exclude<TableRow[Name], null>;
};

type TopicHandlers<Source, TableRow, RowKey extends string> = {
  readonly [Type in Exclude<keyof Source, 'declaration'>]?: (
    message: MessageOf<Source[Type]>,
    stamp: MessageStamp,
  ) => TopicChange<TableRow, RowKey>;
};

/** A read model that is fed from the topics of any services, whichever database it is in. */
export interface TopicProjection {
  /**
   * The name of the table, and of the worker that a commit with changed rows announces work for.
   */
  readonly name: string;
  readonly readModel: ReadModelTable;
  /**
   * The statement for readers that wait: it selects `id` and `version` of the rows in $1 (text[])
   * that exist. Absent if rows have no version.
   */
  readonly versions: string | undefined;
  readonly handlers: readonly MessageHandler[];
}

/** A projection to which the messages of another topic can be added. */
export interface GrowingTopicProjection<TableRow, RowKey extends string> extends TopicProjection {
  from<Source extends Pick<Topic, 'declaration'>>(
    topic: Source,
    handlers: TopicHandlers<Source, TableRow, RowKey>,
  ): GrowingTopicProjection<TableRow, RowKey>;
}

/**
 * Maintains a read model from topics, with one function per message that returns the fields to
 * change:
 * `topicProjection(overview).from(shippingEvents, { ShipmentFailed: () => ({ ... }) })`.
 *
 * - The message changes the row whose key it has as a field.
 * - Each message counts once, in order per key and topic. There is no order between topics, so two
 *   topics must not write the same field.
 * - A batch is one statement. Offset, inbox and rows commit together.
 */
export function topicProjection<Fields extends z.ZodRawShape, RowKey extends string, Hidden extends string>(
  readModel: ReadModel<Fields, RowKey, Hidden>,
): GrowingTopicProjection<RowOf<Fields>, RowKey> {
  const { rows: table, greatest } = readModel;
  const kind: CollectedWrite<Row> = {
    rank: writeRanks.projections,
    async write(transaction, rows) {
      leaveWork(transaction, table.name);
      return { answers: table.join(transaction, merged(rows, readModel), greatest) };
    },
  };
  return growing<RowOf<Fields>, RowKey>(readModel, kind, []);
}

function growing<TableRow, RowKey extends string>(
  readModel: ReadModelTable,
  kind: CollectedWrite<Row>,
  handlers: readonly MessageHandler[],
): GrowingTopicProjection<TableRow, RowKey> {
  const { name, key, fields } = readModel.rows;
  return {
    name,
    readModel,
    versions: fields.some((field) => field.name === 'version') ? versionsOf(readModel) : undefined,
    handlers,
    from(topic, changes) {
      const added = Object.entries(changes as Readonly<Record<string, AnyHandler>>).map(
        ([type, changeOf]) => ({
          message: (topic as Readonly<Record<string, unknown>>)[type] as MessageType,
          handle: (message: Message, context: MessageContext) => {
            const change = changeOf(message, { at: context.time, version: context.streamVersion });
            return collect(context.transaction, kind, [{ ...change, [key.name]: message[key.name] }]);
          },
        }),
      );
      return growing(readModel, kind, [...handlers, ...added]);
    },
  };
}

type AnyHandler = (message: Message, stamp: MessageStamp) => Row;

function versionsOf({ rows, shownOnce = rows.key.name }: ReadModelTable): string {
  const key = rows.column(rows.key.name);
  return (
    `SELECT ${key}::text AS id, ${rows.column('version')} AS version FROM ${quoted(rows.name)} ` +
    `WHERE ${key} = ANY ($1) AND ${rows.column(shownOnce)} IS NOT NULL`
  );
}

/** Merges the changes of a batch's messages, so that each row appears once. */
function merged(changes: readonly Row[], { rows: { key }, greatest }: ReadModelTable): readonly Row[] {
  const byKey = new Map<Key, Record<string, unknown>>();
  for (const change of changes) {
    const id = change[key.name] as Key;
    const row = byKey.get(id) ?? {};
    byKey.set(id, row);
    for (const [name, value] of Object.entries(change)) {
      const isOlder = greatest.has(name) && isGreater(row[name], value);
      if (value !== undefined && !isOlder) row[name] = value;
    }
  }
  return [...byKey.values()];
}

const isGreater = (kept: unknown, given: unknown): boolean =>
  kept !== undefined && (kept as number | string) > (given as number | string);
