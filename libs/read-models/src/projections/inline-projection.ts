import type {
  DomainEvent,
  InlineProjection,
  RebuildableProjection,
  RecordedEvent,
} from '@millrace/event-sourcing';
import { ReadModelError } from '../errors.ts';
import type { CheckedTable } from '../tables/check-tables.ts';
import type { EntityClass } from '../tables/columns.ts';
import type { Increment } from '../tables/increment.ts';
import { MissingRow, RowChanges, type PendingChange } from '../tables/row-changes.ts';
import { RowTable, type Key } from '../tables/row-table.ts';

/** The time of an event, and the version of its stream after it. */
export interface EventStamp {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly version: number;
}

/**
 * Properties that an event changes. One that is absent or undefined keeps its value; null empties an
 * optional one. An increment adds to a number.
 */
type Change<Row> = {
  readonly [Name in keyof Row]?:
    Row[Name] | (NonNullable<Row[Name]> extends number ? Increment : never) | undefined;
};

type InlineChange<Row> = Change<Row> | ((row: Row) => Change<Row>) | null;

export type InlineHandlers<Event extends DomainEvent, Row> = {
  readonly [Type in Event['type']]?: (
    event: Extract<Event, { type: Type }>,
    stamp: EventStamp,
  ) => InlineChange<Row>;
};

export interface InlineProjectionOptions<Event extends DomainEvent> {
  /** Increase it when a projection that follows the store has to start again. */
  readonly version?: number;
  /** Returns the key of an event's row. By default it is the event's field of the same name. */
  readonly keyOf?: (event: Event) => string;
}

/** An inline projection, and the table that it maintains. */
export interface ReadModelProjection extends RebuildableProjection {
  readonly checked: CheckedTable;
}

const keepsReadModel = (projection: InlineProjection): projection is ReadModelProjection =>
  'checked' in projection;

/** Returns the projections that maintain an entity. */
export const readModelProjections = (
  projections: readonly InlineProjection[],
): readonly ReadModelProjection[] => projections.filter(keepsReadModel);

/**
 * Maintains an entity whose rows change in the transaction of the append, so that they are always
 * current. It has one function per event, which returns one of these:
 * - the properties that change, with `plus(units)` for a number that grows;
 * - a function of the row, if the change depends on the row;
 * - null, to remove the row.
 *
 * Properties that are enough for a whole row create it if there is none. With fewer, the row must
 * exist; otherwise the append fails with `projection_row_missing`. Events may only change rows that
 * a locked stream owns.
 *
 * @example
 * ```ts
 * import { inlineProjection, plus } from '@millrace/read-models';
 *
 * export const rooms = inlineProjection(Room).of<RoomEvent>({
 *   Booked: (_event, { at }) => ({ status: 'booked', bookings: plus(1), since: at }),
 *   Freed: () => ({ status: 'free', since: null }),
 * });
 * ```
 */
export const inlineProjection = <Row extends object>(entity: EntityClass<Row>) => ({
  of: <Event extends DomainEvent>(
    handlers: InlineHandlers<Event, Row>,
    { version = 1, keyOf }: InlineProjectionOptions<Event> = {},
  ): ReadModelProjection => {
    const table = new RowTable(entity);
    const { name, key } = table;
    const rowKey = (event: Event): Key => {
      const value = keyOf?.(event) ?? (event as Readonly<Record<string, unknown>>)[key.property];
      if (value === undefined) throw new TypeError(`${name}: ${event.type} has no ${key.property}`);
      return value as Key;
    };
    return {
      name,
      version,
      checked: { table, severalTopics: false },
      tables: [name],
      eventTypes: Object.keys(handlers),
      async apply(transaction, events) {
        const changes = new RowChanges(transaction, table);
        for (const recorded of events as readonly RecordedEvent<Event>[]) {
          const { event } = recorded;
          const handler = handlers[event.type as Event['type']] as AnyHandler | undefined;
          if (handler !== undefined)
            changes.add(rowKey(event), event.type, handler(event, stampOf(recorded)));
        }
        const failed = (error: unknown): never => {
          throw error instanceof MissingRow
            ? new ReadModelError('projection_row_missing', `${name}: ${error.message}`)
            : error;
        };
        const { answers } = await changes.flush().catch(failed);
        return { answers: answers.catch(failed) };
      },
    };
  },
});

type AnyHandler = (event: DomainEvent, stamp: EventStamp) => PendingChange;

const stampOf = ({ recordedAt, version }: RecordedEvent): EventStamp => ({
  at: recordedAt.toISOString(),
  version: Number(version),
});
