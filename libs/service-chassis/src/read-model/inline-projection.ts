import type {
  DomainEvent,
  InlineProjection,
  RebuildableProjection,
  RecordedEvent,
} from '@millrace/event-sourcing';
import type { z } from 'zod';
import { ServiceError } from '../ground/errors.ts';
import type { Change, EventStamp, ReadModel, ReadModelTable, RowOf } from './read-model.ts';
import { MissingRow, RowChanges, type PendingChange } from './row-changes.ts';
import type { Key } from './row-table.ts';

type InlineChange<Row, RowKey extends string> =
  Change<Row, RowKey> | ((row: Row) => Change<Row, RowKey>) | null;

export type InlineHandlers<Event extends DomainEvent, Row, RowKey extends string> = {
  readonly [Type in Event['type']]?: (
    event: Extract<Event, { type: Type }>,
    stamp: EventStamp,
  ) => InlineChange<Row, RowKey>;
};

export interface InlineProjectionOptions<Event extends DomainEvent> {
  /** Increase it when a projection that follows the store has to start again. */
  readonly version?: number;
  /** Returns the key of an event's row. By default it is the event's field of the same name. */
  readonly keyOf?: (event: Event) => string;
}

/** An inline projection and the read model that it maintains. */
export interface ReadModelProjection extends RebuildableProjection {
  readonly readModel: ReadModelTable;
}

export const keepsReadModel = (projection: InlineProjection): projection is ReadModelProjection =>
  'readModel' in projection;

/**
 * Maintains a read model whose rows change in the transaction of the append, so that they are
 * always current. It has one function per event:
 * `inlineProjection(orderSummary).of<OrderEvent>({ OrderCompleted: () => ({ ... }) })`.
 * The function returns one of these:
 * - the fields that change, with `plus(units)` for a number that grows;
 * - a function of the row, if the change depends on the row;
 * - null, to remove the row.
 *
 * Fields that are enough for a whole row create it if there is none. With fewer fields, the row
 * must exist; otherwise the append fails with `projection_row_missing`. Events may only change rows
 * that a locked stream owns.
 */
export const inlineProjection = <Fields extends z.ZodRawShape, RowKey extends string, Hidden extends string>(
  readModel: ReadModel<Fields, RowKey, Hidden>,
) => ({
  of: <Event extends DomainEvent>(
    handlers: InlineHandlers<Event, RowOf<Fields>, RowKey>,
    { version = 1, keyOf }: InlineProjectionOptions<Event> = {},
  ): ReadModelProjection => {
    const { name, key: keyField } = readModel.rows;
    const rowKey = (event: Event): Key => {
      const key = keyOf?.(event) ?? (event as Readonly<Record<string, unknown>>)[keyField.name];
      if (key === undefined) throw new TypeError(`${name}: ${event.type} has no ${keyField.name}`);
      return key as Key;
    };
    return {
      name,
      version,
      readModel,
      tables: [name],
      eventTypes: Object.keys(handlers),
      async apply(transaction, events) {
        const changes = new RowChanges(transaction, readModel.rows);
        for (const recorded of events as readonly RecordedEvent<Event>[]) {
          const { event } = recorded;
          const handler = handlers[event.type as Event['type']] as AnyHandler | undefined;
          if (handler !== undefined)
            changes.add(rowKey(event), event.type, handler(event, stampOf(recorded)));
        }
        const failed = (error: unknown): never => {
          throw error instanceof MissingRow
            ? new ServiceError('projection_row_missing', `${name}: ${error.message}`)
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
