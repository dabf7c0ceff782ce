import type { MessageContext, MessageHandler } from '@millrace/streaming-core/consumer';
import type { Message, MessageOf, MessageType, Topic } from '@millrace/streaming-core/contract';
import { writeRanks, type CollectedWrite } from '@millrace/streaming-core/postgres';
import type { z } from 'zod';
import type { MessageStamp, ReadModel, ReadModelTable, RowOf } from './read-model.ts';
import { quoted } from './row-fields.ts';
import type { Key, Row } from './row-table.ts';

/** Fields that a message changes. A field that is absent or undefined keeps its value. */
type TopicChange<TableRow, RowKey extends string> = {
  readonly [Name in Exclude<keyof TableRow, RowKey>]?: Exclude<TableRow[Name], null>;
};

type TopicHandlers<Source, TableRow, RowKey extends string> = {
  readonly [Type in Exclude<keyof Source, 'declaration'>]?: (
    message: MessageOf<Source[Type]>,
    stamp: MessageStamp,
  ) => TopicChange<TableRow, RowKey> | null;
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
 * change, or null to remove the row:
 * `topicProjection(overview).from(shippingEvents, { ShipmentFailed: () => ({ ... }) })`.
 *
 * - The message changes the row whose key it has as a field.
 * - Each message counts once, in order per key and topic. There is no order between topics, so two
 *   topics must not write the same field, and a row of several topics can only be removed if the
 *   read model has a field for that (`joined.removed`).
 * - A batch is one statement. Offset, inbox and rows commit together.
 */
export function topicProjection<Fields extends z.ZodRawShape, RowKey extends string, Hidden extends string>(
  readModel: ReadModel<Fields, RowKey, Hidden>,
): GrowingTopicProjection<RowOf<Fields>, RowKey> {
  const { rows: table } = readModel;
  const kind: CollectedWrite<RowChange> = {
    rank: writeRanks.projections,
    async write(transaction, changes) {
      transaction.wakeAfterCommit(table.name);
      const { removed, changed } = merged(changes, readModel);
      const sent = [
        ...(removed.length > 0 ? [table.remove(transaction, removed)] : []),
        ...(changed.length > 0 ? [table.join(transaction, changed, readModel)] : []),
      ];
      return { answers: Promise.all(sent) };
    },
  };
  return growing<RowOf<Fields>, RowKey>({ readModel, kind, topics: new Set() }, []);
}

interface Growing {
  readonly readModel: ReadModelTable;
  readonly kind: CollectedWrite<RowChange>;
  /** The names of the topics that have been added. */
  readonly topics: Set<string>;
}

function growing<TableRow, RowKey extends string>(
  grown: Growing,
  handlers: readonly MessageHandler[],
): GrowingTopicProjection<TableRow, RowKey> {
  const { readModel, kind, topics } = grown;
  const { name, key, fields } = readModel.rows;
  return {
    name,
    readModel,
    versions: fields.some((field) => field.name === 'version') ? versionsOf(readModel) : undefined,
    handlers,
    from(topic, changes) {
      topics.add(topic.declaration.name);
      const added = Object.entries(changes as Readonly<Record<string, AnyHandler>>).map(
        ([type, changeOf]) => ({
          message: (topic as Readonly<Record<string, unknown>>)[type] as MessageType,
          handle: (message: Message, context: MessageContext) => {
            const change = changeOf(message, { at: context.time, version: context.streamVersion });
            if (change === null) assertRemovable(readModel, topics);
            const changed = { key: message[key.name] as Key, change, at: context.time };
            return context.transaction.collect(kind, [changed]);
          },
        }),
      );
      return growing(grown, [...handlers, ...added]);
    },
  };
}

type AnyHandler = (message: Message, stamp: MessageStamp) => Row | null;

/** What one message changes. */
interface RowChange {
  readonly key: Key;
  /** Null removes the row. */
  readonly change: Row | null;
  /** ISO 8601, UTC. */
  readonly at: string;
}

function assertRemovable({ rows, removed }: ReadModelTable, topics: ReadonlySet<string>): void {
  if (topics.size > 1 && removed === undefined)
    throw new TypeError(
      `${rows.name}: a late message of another topic would bring a removed row back: ` +
        'declare an optional field for the time of the removal as joined.removed',
    );
}

function versionsOf({ rows, shownOnce = rows.key.name }: ReadModelTable): string {
  const key = rows.column(rows.key.name);
  return (
    `SELECT ${key}::text AS id, ${rows.column('version')} AS version FROM ${quoted(rows.name)} ` +
    `WHERE ${key} = ANY ($1) AND ${rows.column(shownOnce)} IS NOT NULL`
  );
}

interface Merged {
  /** Rows to delete before the others are written. */
  readonly removed: readonly Key[];
  readonly changed: readonly Row[];
}

/** Merges the changes of a batch's messages, so that each row appears once. */
function merged(changes: readonly RowChange[], { rows, greatest, removed }: ReadModelTable): Merged {
  const byKey = new Map<Key, Record<string, unknown>>();
  const gone = new Set<Key>();
  for (const { key, change, at } of changes) {
    const row = byKey.get(key) ?? { [rows.key.name]: key };
    if (removed !== undefined && row[removed] !== undefined) continue;
    if (change === null) {
      byKey.delete(key);
      if (removed === undefined) gone.add(key);
      else byKey.set(key, { [rows.key.name]: key, [removed]: at });
      continue;
    }
    byKey.set(key, row);
    for (const [name, value] of Object.entries(change)) {
      const isOlder = greatest.has(name) && isGreater(row[name], value);
      if (value !== undefined && !isOlder) row[name] = value;
    }
  }
  return { removed: [...gone], changed: [...byKey.values()] };
}

const isGreater = (kept: unknown, given: unknown): boolean =>
  kept !== undefined && (kept as number | string) > (given as number | string);
