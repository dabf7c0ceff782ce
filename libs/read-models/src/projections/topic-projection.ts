import type { MessageContext, MessageHandler } from '@millrace/streaming-core/consumer';
import type { Message, MessageOf, MessageType, Topic } from '@millrace/streaming-core/contract';
import { writeRanks, type CollectedWrite } from '@millrace/streaming-core/postgres';
import type { CheckedTable } from '../tables/check-tables.ts';
import { quoted, type EntityClass } from '../tables/columns.ts';
import { RowTable, type JoinRules, type Key, type Row } from '../tables/row-table.ts';

/**
 * The time of a message, and the version of its stream after it. Messages from releases that did
 * not send versions have none.
 */
export interface MessageStamp {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly version?: number | undefined;
}

/** Properties that a message changes. One that is absent or undefined keeps its value. */
type TopicChange<Entity> = {
  readonly [Name in keyof Entity]?: NonNullable<Entity[Name]> | undefined;
};

type TopicHandlers<Source, Entity> = {
  readonly [Type in Exclude<keyof Source, 'declaration'>]?: (
    message: MessageOf<Source[Type]>,
    stamp: MessageStamp,
  ) => TopicChange<Entity> | null;
};

/** Options for rows that several topics write, in any order. */
export interface JoinOptions<Entity> {
  /** A row counts as complete once it has this property. Reads show only such rows. */
  readonly shownOnce: keyof Entity & string;
  /**
   * Properties that never decrease, such as versions and times. A late message does not change them.
   */
  readonly greatest?: readonly (keyof Entity & string)[];
  /**
   * An optional property for the time at which a row was removed. Such a row keeps only its key and
   * this time, is never shown, and no late message of another topic changes it.
   */
  readonly removed?: keyof Entity & string;
}

/** A read model that is fed from the topics of any services, whichever database it is in. */
export interface TopicProjection {
  /**
   * The name of the table, and of the worker that a commit with changed rows announces work for.
   */
  readonly name: string;
  readonly entity: EntityClass;
  readonly checked: CheckedTable;
  /**
   * The statement for readers that wait: it selects `id` and `version` of the rows in $1 (text[])
   * that exist. Absent if rows have no version.
   */
  readonly versions: string | undefined;
  readonly handlers: readonly MessageHandler[];
}

/** A projection to which the messages of another topic can be added. */
export interface GrowingTopicProjection<Entity> extends TopicProjection {
  from<Source extends Pick<Topic, 'declaration'>>(
    topic: Source,
    handlers: TopicHandlers<Source, Entity>,
  ): GrowingTopicProjection<Entity>;
}

/**
 * Maintains an entity from topics, with one function per message that returns the properties to
 * change, or null to remove the row.
 *
 * - The message changes the row whose key it has as a field.
 * - Each message counts once, in order per key and topic. There is no order between topics, so two
 *   topics must not write the same property, and a row of several topics can only be removed if the
 *   entity has a property for that (`removed`); without it, handling the message throws
 *   `TypeError`.
 * - A batch is one statement. Offset, inbox and rows commit together.
 *
 * @example
 * ```ts
 * import { topicProjection } from '@millrace/read-models';
 *
 * class Trip {
 *   tripId!: string;
 *   city?: string;
 *   door?: string;
 * }
 *
 * export const trips = topicProjection(Trip, { shownOnce: 'city' })
 *   .from(tripEvents, { TripAsked: ({ city }) => ({ city }) })
 *   .from(roomEvents, { RoomBooked: ({ door }) => ({ door }) });
 * ```
 */
export function topicProjection<Entity extends object>(
  entity: EntityClass<Entity>,
  joined?: JoinOptions<Entity>,
): GrowingTopicProjection<Entity> {
  const table = new RowTable(entity);
  const rules: JoinRules = {
    greatest: new Set(joined?.greatest),
    removed: joined?.removed,
    severalTopics: joined !== undefined,
  };
  const kind: CollectedWrite<RowChange> = {
    rank: writeRanks.projections,
    async write(transaction, changes) {
      transaction.wakeAfterCommit(table.name);
      const { removed, changed } = merged(changes, table, rules);
      const sent = [
        ...(removed.length > 0 ? [table.remove(transaction, removed)] : []),
        ...(changed.length > 0 ? [table.join(transaction, changed, rules)] : []),
      ];
      return { answers: Promise.all(sent) };
    },
  };
  const versions = table.columns.some(({ property }) => property === 'version')
    ? versionsOf(table, joined?.shownOnce ?? table.key.property)
    : undefined;
  return growing<Entity>({ entity, table, rules, versions, kind, topics: new Set() }, []);
}

interface Growing {
  readonly entity: EntityClass;
  readonly table: RowTable;
  readonly rules: JoinRules;
  readonly versions: string | undefined;
  readonly kind: CollectedWrite<RowChange>;
  /** The names of the topics that have been added. */
  readonly topics: Set<string>;
}

function growing<Entity extends object>(
  grown: Growing,
  handlers: readonly MessageHandler[],
): GrowingTopicProjection<Entity> {
  const { entity, table, rules, versions, kind, topics } = grown;
  return {
    name: table.name,
    entity,
    checked: { table, severalTopics: rules.severalTopics },
    versions,
    handlers,
    from(topic, changes) {
      topics.add(topic.declaration.name);
      const added = Object.entries(changes as Readonly<Record<string, AnyHandler>>).map(
        ([type, changeOf]) => ({
          message: (topic as Readonly<Record<string, unknown>>)[type] as MessageType,
          handle: (message: Message, context: MessageContext) => {
            const change = changeOf(message, { at: context.time, version: context.streamVersion });
            if (change === null) assertRemovable(table, rules, topics);
            const changed = { key: message[table.key.property] as Key, change, at: context.time };
            return context.transaction.collect(kind, [changed]);
          },
        }),
      );
      return growing(grown, [...handlers, ...added]);
    },
  };
}

type AnyHandler = (message: Message, stamp: MessageStamp) => Row | null;

/** The change that one message makes to the table. */
interface RowChange {
  readonly key: Key;
  /** Null removes the row. */
  readonly change: Row | null;
  /** ISO 8601, UTC. */
  readonly at: string;
}

function assertRemovable({ name }: RowTable, { removed }: JoinRules, topics: ReadonlySet<string>): void {
  if (topics.size > 1 && removed === undefined)
    throw new TypeError(
      `${name}: a late message of another topic would bring a removed row back: ` +
        'declare an optional property for the time of the removal as `removed`',
    );
}

function versionsOf(table: RowTable, shownOnce: string): string {
  const [key, version, shown] = [table.key.property, 'version', shownOnce].map((property) =>
    quoted(table.column(property).name),
  );
  return (
    `SELECT ${key}::text AS id, ${version} AS version FROM ${quoted(table.name)} ` +
    `WHERE ${key} = ANY ($1) AND ${shown} IS NOT NULL`
  );
}

interface Merged {
  /** Rows to delete before the others are written. */
  readonly removed: readonly Key[];
  readonly changed: readonly Row[];
}

/** Merges the changes of a batch's messages, so that each row appears once. */
function merged(
  changes: readonly RowChange[],
  { key: { property } }: RowTable,
  { greatest, removed }: JoinRules,
): Merged {
  const byKey = new Map<Key, Record<string, unknown>>();
  const gone = new Set<Key>();
  for (const { key, change, at } of changes) {
    const row = byKey.get(key) ?? { [property]: key };
    if (removed !== undefined && row[removed] !== undefined) continue;
    if (change === null) {
      byKey.delete(key);
      if (removed === undefined) gone.add(key);
      else byKey.set(key, { [property]: key, [removed]: at });
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
