import type { SqlRow, SqlTransaction, SqlDatabase } from '@millrace/streaming-core/postgres';
import { EventStoreError } from '../errors.ts';
import type { AsyncProjection, RebuildableProjection } from '../projection.ts';
import {
  COPY_STATEMENTS,
  IS_LIKE_COPY,
  PREFER_SCHEMA,
  SCHEMA_OF,
  SERIAL_COLUMNS,
  END_CHECKPOINT,
  SHORT_LOCK_WAITS,
  STOP_APPENDS,
} from './shadow-tables.sql.ts';
import { READ_EVENTS_AFTER } from './async-projection.sql.ts';
import { presentEvents, type EventReading, toRecordedEvent, type EventRow } from './stored-event.ts';

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The schema that holds the tables of a projection while they are rebuilt. */
const shadowSchema = ({ name }: RebuildableProjection): string => `rebuild_${name}`;

/**
 * Creates empty copies of the projection's tables, and drops those of an earlier attempt. Rejects
 * with `rebuild_not_possible` for a table that cannot be copied as a whole.
 */
export async function createShadows(
  transaction: SqlTransaction,
  projection: RebuildableProjection,
): Promise<void> {
  const schema = shadowSchema(projection);
  await dropShadows(transaction, projection);
  await transaction.query(`CREATE SCHEMA ${identifier(schema)}`);
  for (const table of projection.tables) {
    await schemaOf(transaction, projection, table);
    const { rows } = await transaction.query<{ statement: string }>(COPY_STATEMENTS, [table, schema]);
    for (const { statement } of rows) await transaction.query(statement);
    if (!(await isLikeCopy(transaction, projection, table)))
      throw new EventStoreError(
        'rebuild_not_possible',
        `the table ${table} has a part that its copy would lack, such as a foreign key or a trigger: ` +
          `remove it before a rebuild of ${projection.name}`,
      );
  }
}

export const dropShadows = async (
  transaction: SqlTransaction,
  projection: RebuildableProjection,
): Promise<void> =>
  void (await transaction.query(`DROP SCHEMA IF EXISTS ${identifier(shadowSchema(projection))} CASCADE`));

/**
 * Puts the copies in the place of the tables, which are dropped. Rejects with `rebuild_not_possible`
 * if a migration has changed a table since it was copied.
 */
async function replaceByShadows(
  transaction: SqlTransaction,
  projection: RebuildableProjection,
): Promise<void> {
  for (const table of projection.tables) {
    const schema = await schemaOf(transaction, projection, table);
    await transaction.query(`LOCK TABLE ${schema}.${identifier(table)} IN ACCESS EXCLUSIVE MODE`);
    if (!(await isLikeCopy(transaction, projection, table)))
      throw new EventStoreError(
        'rebuild_not_possible',
        `the table ${table} has changed since the rebuild of ${projection.name} began: ` +
          'cancel the rebuild, and begin it again',
      );
    const { rows: serial } = await transaction.query<SerialColumn>(SERIAL_COLUMNS, [table]);
    for (const { sequence } of serial) await transaction.query(`ALTER SEQUENCE ${sequence} OWNED BY NONE`);
    const live = `${schema}.${identifier(table)}`;
    await transaction.query(`DROP TABLE ${live}`);
    await transaction.query(
      `ALTER TABLE ${identifier(shadowSchema(projection))}.${identifier(table)} SET SCHEMA ${schema}`,
    );
    for (const { sequence, column } of serial)
      await transaction.query(`ALTER SEQUENCE ${sequence} OWNED BY ${live}.${column}`);
  }
  await dropShadows(transaction, projection);
}

/** Both are quoted. */
interface SerialColumn extends SqlRow {
  readonly sequence: string;
  readonly column: string;
}

async function isLikeCopy(
  transaction: SqlTransaction,
  projection: RebuildableProjection,
  table: string,
): Promise<boolean> {
  const values = [table, shadowSchema(projection)];
  const { rows } = await transaction.query<{ alike: boolean }>(IS_LIKE_COPY, values);
  return rows[0]?.alike === true;
}

/** Returns the projection as one that writes the copies. */
export const intoShadows = (
  projection: RebuildableProjection,
  name: string,
  batchSizeMax: number,
): AsyncProjection => ({
  name,
  version: projection.version,
  eventTypes: projection.eventTypes,
  batchSizeMax,
  async apply(transaction, events) {
    await transaction.query(PREFER_SCHEMA, [shadowSchema(projection)]);
    return projection.apply(transaction, events);
  },
});

/** Returns the quoted schema of a live table. */
async function schemaOf(
  transaction: SqlTransaction,
  { name }: RebuildableProjection,
  table: string,
): Promise<string> {
  const { rows } = await transaction.query<{ schema: string }>(SCHEMA_OF, [table]);
  const [found] = rows;
  if (found === undefined)
    throw new EventStoreError(
      'rebuild_not_possible',
      `projection ${name} writes the table ${table}, which does not exist: run the migrations first`,
    );
  return found.schema;
}

/** A rebuild that is further behind than this continues beside the live tables first. */
const lastEventsMax = 1_000;

interface SwapOptions extends EventReading {
  readonly intoShadow: AsyncProjection;
}

/**
 * Replaces a projection's tables by their rebuilt copies. Returns false if the rebuild has ended,
 * is paused, or has too far to go.
 *
 * Why the copies are equal to the live tables at that moment: the lock on the events waits for every
 * transaction that has written one, and lets nobody write another. So no position below the last
 * can still be filled, and what is left is read without a fence. An append that waits for the lock
 * finds the new tables afterwards, since a transaction writes its events before the rows of
 * projections.
 *
 * A reader that keeps the old table open, or an append that waits too long, makes the swap fail. It
 * is then tried again.
 */
export const swapIn = (
  database: SqlDatabase,
  projection: RebuildableProjection,
  { intoShadow, ...reading }: SwapOptions,
): Promise<boolean> =>
  database
    .transaction(async (transaction) => {
      await transaction.query(SHORT_LOCK_WAITS);
      const { rows: ended } = await transaction.query<{ position: string }>(END_CHECKPOINT, [
        intoShadow.name,
        intoShadow.version,
      ]);
      const [checkpoint] = ended;
      if (checkpoint === undefined) return false;
      await lastRows(transaction, checkpoint.position, intoShadow); // appends wait for nothing too far
      await transaction.query(STOP_APPENDS);
      const rows = await lastRows(transaction, checkpoint.position, intoShadow);
      const wanted = rows.filter(({ type }) => intoShadow.eventTypes.includes(type));
      const stored = wanted.map((row) => toRecordedEvent(row.stream, row));
      const events = await presentEvents(stored, reading);
      const livePath = await transaction.query<{ search_path: string }>('SHOW search_path');
      if (events.length > 0) await (await intoShadow.apply(transaction, events))?.answers;
      await transaction.query(`SELECT set_config('search_path', $1, true)`, [livePath.rows[0]?.search_path]);
      await replaceByShadows(transaction, projection);
      return true;
    })
    .catch((error: unknown) => (error === tooFar ? false : Promise.reject(error as Error)));

type Row = EventRow & { readonly stream: string };

/** Reads the events that the rebuild still lacks. Throws `tooFar` if there are too many. */
async function lastRows(
  transaction: SqlTransaction,
  position: string,
  { eventTypes }: AsyncProjection,
): Promise<readonly Row[]> {
  const { rows } = await transaction.query<Row>(READ_EVENTS_AFTER, [position, eventTypes, lastEventsMax + 1]);
  if (rows.length > lastEventsMax) throw tooFar;
  return rows;
}

/** Rolls the swap back without being a failure. */
const tooFar = new Error('too many events for one transaction');
