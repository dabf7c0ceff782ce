import type { SqlRow, SqlTransaction } from '@millrace/streaming-core/postgres';
import { EventStoreError } from '../errors.ts';
import type { AsyncProjection, RebuildableProjection } from '../projection.ts';
import {
  COPY_STATEMENTS,
  IS_LIKE_COPY,
  PREFER_SCHEMA,
  SCHEMA_OF,
  SERIAL_COLUMNS,
} from './shadow-tables.sql.ts';

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
export async function replaceByShadows(
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
