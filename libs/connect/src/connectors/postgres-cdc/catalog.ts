import type { Client } from 'pg';
import type { Relation } from './pgoutput.ts';
import type { KeyFacts } from './table-selection.ts';
import {
  databaseTypesStatement,
  toDatabaseTypes,
  type DatabaseTypeRow,
  type DatabaseTypes,
} from './types/database-types.ts';

/** Facts about a table that only the catalog knows, since the messages of the log leave them out. */
export interface TableFacts extends KeyFacts {
  readonly oid: number;
  readonly columns: ReadonlyMap<string, ColumnFacts>;
}

interface ColumnFacts {
  readonly typeOid: number;
  readonly modifier: number;
  readonly notNull: boolean;
  /** The expression of the column's default. */
  readonly default?: string;
}

/**
 * Reads all tables but no partitions, because the rows of a partition count as rows of its partitioned table.
 */
const tablesStatement = `
  SELECT c.oid::int8::text AS oid, nspname AS schema, relname AS table, relreplident AS identity,
    (SELECT json_agg(json_build_object('name', attname, 'typeOid', atttypid::int8, 'modifier', atttypmod,
        'notNull', attnotnull, 'default', pg_get_expr(adbin, adrelid)) ORDER BY attnum)
      FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
      WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '')::text AS columns,
    (SELECT json_agg(attname ORDER BY place) FROM pg_index, unnest(indkey) WITH ORDINALITY AS key(attnum, place)
      JOIN pg_attribute USING (attnum) WHERE indrelid = c.oid AND indisprimary AND attrelid = c.oid)::text
      AS "primaryKey",
    (SELECT json_agg(attname) FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
      WHERE indrelid = c.oid AND indisreplident)::text AS "identityColumns"
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
  WHERE relkind IN ('r', 'p') AND NOT relispartition AND relpersistence = 'p'
    AND nspname <> 'information_schema' AND nspname !~ '^pg_'
  ORDER BY nspname, relname`;

interface TableRow {
  readonly oid: string;
  readonly schema: string;
  readonly table: string;
  readonly identity: string;
  readonly columns: string | null;
  readonly primaryKey: string | null;
  readonly identityColumns: string | null;
}

export async function readTables(client: Client): Promise<readonly TableFacts[]> {
  const { rows } = await client.query<TableRow>(tablesStatement);
  return rows.map(({ oid, schema, table, identity, columns, primaryKey, identityColumns }) => ({
    oid: Number(oid),
    schema,
    table,
    identity,
    columns: new Map(
      (JSON.parse(columns ?? '[]') as (ColumnFacts & { name: string; default: string | null })[]).map(
        ({ name, default: expression, ...facts }) => [
          name,
          { ...facts, ...(expression !== null && { default: expression }) },
        ],
      ),
    ),
    primaryKey: JSON.parse(primaryKey ?? '[]') as readonly string[],
    identityColumns: JSON.parse(identityColumns ?? '[]') as readonly string[],
  }));
}

export async function readTypes(client: Client): Promise<DatabaseTypes> {
  return toDatabaseTypes((await client.query<DatabaseTypeRow>(databaseTypesStatement)).rows);
}

/** Returns the relation with which the log would describe the table as it is now. */
export const relationOf = ({ oid, schema, table, columns }: TableFacts): Relation => ({
  oid,
  schema,
  table,
  columns: [...columns].map(([name, { typeOid, modifier }]) => ({
    name,
    typeOid,
    modifier,
    identifies: false,
  })),
});

/**
 * Returns the facts about a relation of the log. If its table was dropped meanwhile, only the relation itself
 * can tell them.
 */
export function factsOf(relation: Relation, tables: readonly TableFacts[]): TableFacts {
  const { oid, schema, table, columns } = relation;
  const key = columns.filter(({ identifies }) => identifies);
  return (
    tables.find((each) => each.oid === oid) ?? {
      oid,
      schema,
      table,
      identity: 'f',
      identityColumns: [],
      primaryKey: key.map(({ name }) => name),
      columns: new Map(
        key.map(({ name, typeOid, modifier }) => [name, { typeOid, modifier, notNull: true }]),
      ),
    }
  );
}
