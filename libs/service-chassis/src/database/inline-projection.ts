import type { DomainEvent, InlineProjection, RecordedEvent } from '@millrace/event-sourcing';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { EntityTarget, FindOptionsWhere, ObjectLiteral, Repository } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import { entityManagerOf } from './typeorm-database.ts';

/** A projection changed a row that does not exist: its events and its rows have gone apart. */
export class ProjectionError extends Error {
  readonly code = 'projection_row_missing';

  constructor(message: string) {
    super(message);
    this.name = 'ProjectionError';
  }
}

type Key = string | number;

/** What a projection may do with its rows, all of it in the transaction of the append. */
export interface RowTools<Row extends ObjectLiteral, Event extends DomainEvent> {
  insert(row: Row): Promise<void>;
  /** Inserts, or overwrites the row with the same primary key. */
  upsert(row: Row): Promise<void>;
  /** Rejects with `ProjectionError` when there is no such row. A function gets the row as it is and returns what changes. */
  update(key: Key, change: Partial<Row> | ((row: Row) => Partial<Row>)): Promise<void>;
  remove(key: Key): Promise<void>;
  find(key: Key): Promise<Row | null>;
  readonly recorded: RecordedEvent<Event>;
  readonly transaction: SqlTransaction;
}

type Handlers<Event extends DomainEvent, Row extends ObjectLiteral> = {
  readonly [Type in Event['type']]?: (
    event: Extract<Event, { type: Type }>,
    tools: RowTools<Row, Extract<Event, { type: Type }>>,
  ) => Promise<void>;
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
      const repository = entityManagerOf(transaction).getRepository(entity);
      for (const recorded of events) {
        const handler = handlers[recorded.event.type as Event['type']] as AnyHandler<Row> | undefined;
        await handler?.(recorded.event, rowTools(name, repository, transaction, recorded));
      }
    },
  });

type AnyHandler<Row extends ObjectLiteral> = (event: DomainEvent, tools: RowTools<Row, DomainEvent>) => Promise<void>;

function rowTools<Row extends ObjectLiteral>(
  name: string,
  repository: Repository<Row>,
  transaction: SqlTransaction,
  recorded: RecordedEvent,
): RowTools<Row, DomainEvent> {
  const keyColumn = primaryKeyOf(name, repository);
  const where = (key: Key) => ({ [keyColumn]: key }) as FindOptionsWhere<Row>;
  const missing = (key: Key) => new ProjectionError(`${name}: ${recorded.event.type} changes row ${key}, which does not exist`);
  return {
    recorded,
    transaction,
    insert: async (row) => void (await repository.insert(row as QueryDeepPartialEntity<Row>)),
    upsert: async (row) => void (await repository.upsert(row as QueryDeepPartialEntity<Row>, [keyColumn])),
    remove: async (key) => void (await repository.delete(where(key))),
    find: (key) => repository.findOneBy(where(key)),
    async update(key, change) {
      if (typeof change !== 'function') return write(key, change);
      const row = await repository.findOneBy(where(key));
      if (row === null) throw missing(key);
      return write(key, change(row));
    },
  };

  async function write(key: Key, change: Partial<Row>): Promise<void> {
    const { affected } = await repository.update(where(key), change as QueryDeepPartialEntity<Row>);
    if (affected !== 1) throw missing(key);
  }
}

function primaryKeyOf<Row extends ObjectLiteral>(name: string, repository: Repository<Row>): string {
  const [column, ...others] = repository.metadata.primaryColumns;
  if (column === undefined || others.length > 0) throw new TypeError(`${name}: an inline projection's entity has one primary key column`);
  return column.propertyName;
}
