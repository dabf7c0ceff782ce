import type { DomainEvent, InlineProjection, RecordedEvent } from '@millrace/event-sourcing';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { DataSource, EntityTarget, ObjectLiteral } from 'typeorm';
import { ServiceError } from '../errors.ts';
import { MissingRow, RowChanges } from './row-changes.ts';
import { RowTable, type Key } from './row-writes.ts';
import { entityManagerOf } from './typeorm-database.ts';

/** What a projection may do with its rows, all of it in the transaction of the append; written together once the last event was applied. */
export interface RowTools<Row extends ObjectLiteral, Event extends DomainEvent> {
  insert(row: Row): void;
  /** Inserts, or overwrites the row with the same primary key. */
  upsert(row: Row): void;
  /** Rejects the append with `projection_row_missing` when there is no such row. A function gets the row as it is and returns what changes. */
  update(key: Key, change: Partial<Row> | ((row: Row) => Partial<Row>)): void;
  remove(key: Key): void;
  /** The row with every change so far. */
  find(key: Key): Promise<Row | null>;
  readonly recorded: RecordedEvent<Event>;
  readonly transaction: SqlTransaction;
}

type Handlers<Event extends DomainEvent, Row extends ObjectLiteral> = {
  readonly [Type in Event['type']]?: (
    event: Extract<Event, { type: Type }>,
    tools: RowTools<Row, Extract<Event, { type: Type }>>,
  ) => void | Promise<void>;
};

/**
 * A read model that is right at the moment of the answer: its rows change in the transaction of the append. The entity has one
 * primary key column; handlers write only rows that a locked stream owns (DESIGN 3.2). Curried so that the row's type is inferred.
 */
export const inlineProjection =
  <Event extends DomainEvent>() =>
  <Row extends ObjectLiteral>(
    name: string,
    { version, entity }: { version: number; entity: EntityTarget<Row> },
    handlers: Handlers<Event, Row>,
  ): InlineProjection => ({
    name,
    version,
    eventTypes: Object.keys(handlers),
    async apply(transaction, events) {
      const changes = new RowChanges(
        transaction,
        tableOf(entityManagerOf(transaction).dataSource, entity, name),
      );
      const changedBy = new Map<Key, string>();
      try {
        for (const recorded of events) {
          const handler = handlers[recorded.event.type as Event['type']] as AnyHandler | undefined;
          await handler?.(recorded.event, rowTools(changes, transaction, recorded, changedBy));
        }
        await changes.flush();
      } catch (error) {
        if (!(error instanceof MissingRow)) throw error;
        throw new ServiceError(
          'projection_row_missing',
          `${name}: ${changedBy.get(error.key)} changes row ${error.key}, which does not exist`,
        );
      }
    },
  });

type AnyHandler = (event: DomainEvent, tools: RowTools<ObjectLiteral, DomainEvent>) => void | Promise<void>;

const tables = new WeakMap<DataSource, Map<EntityTarget<ObjectLiteral>, RowTable>>();

function tableOf(dataSource: DataSource, entity: EntityTarget<ObjectLiteral>, name: string): RowTable {
  const known = tables.get(dataSource) ?? new Map<EntityTarget<ObjectLiteral>, RowTable>();
  tables.set(dataSource, known);
  const table = known.get(entity) ?? new RowTable(dataSource.getMetadata(entity), name);
  known.set(entity, table);
  return table;
}

const rowTools = (
  changes: RowChanges,
  transaction: SqlTransaction,
  recorded: RecordedEvent,
  changedBy: Map<Key, string>,
): RowTools<ObjectLiteral, DomainEvent> => ({
  recorded,
  transaction,
  insert: (row) => changes.insert(row),
  upsert: (row) => changes.upsert(row),
  remove: (key) => changes.remove(key),
  find: (key) => changes.find(key),
  update(key, change) {
    changedBy.set(key, recorded.event.type);
    changes.update(key, change);
  },
});
