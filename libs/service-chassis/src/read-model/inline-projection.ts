import type { DomainEvent, InlineProjection, RecordedEvent } from '@millrace/event-sourcing';
import type { z } from 'zod';
import { ServiceError } from '../errors.ts';
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
  /** Counts when a projection that follows the store has to begin anew. */
  readonly version?: number;
  /** The key of an event's row; by default the event's field of the same name. */
  readonly keyOf?: (event: Event) => string;
}

/** An inline projection with the read model that it keeps. */
export interface ReadModelProjection extends InlineProjection {
  readonly readModel: ReadModelTable;
}

export const keepsReadModel = (projection: InlineProjection): projection is ReadModelProjection =>
  'readModel' in projection;

/**
 * Keeps a read model that is right at the moment of the answer: its rows change in the transaction
 * of the append. One function per event says what changes in the event's row:
 * `inlineProjection(orderSummary).of<OrderEvent>({ OrderCompleted: () => ({ ... }) })`. It returns
 * fields, a function of the row where they depend on what the row is, or null where the row goes.
 * Fields that complete a row make it where there is none. Others need it to be there: where it is
 * not, the append fails with `projection_row_missing`. Events change only rows that a locked stream
 * owns.
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
      eventTypes: Object.keys(handlers),
      async apply(transaction, events) {
        const changes = new RowChanges(transaction, readModel.rows);
        for (const recorded of events as readonly RecordedEvent<Event>[]) {
          const { event } = recorded;
          const handler = handlers[event.type as Event['type']] as AnyHandler | undefined;
          if (handler !== undefined)
            changes.add(rowKey(event), event.type, handler(event, stampOf(recorded)));
        }
        await changes.flush().catch((error: unknown) => {
          throw error instanceof MissingRow
            ? new ServiceError('projection_row_missing', `${name}: ${error.message}`)
            : error;
        });
      },
    };
  },
});

type AnyHandler = (event: DomainEvent, stamp: EventStamp) => PendingChange;

const stampOf = ({ recordedAt, version }: RecordedEvent): EventStamp => ({
  at: recordedAt.toISOString(),
  version: Number(version),
});
