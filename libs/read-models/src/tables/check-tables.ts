import type { Queryable } from '@millrace/streaming-core/postgres';
import { ReadModelError } from '../errors.ts';
import type { RowColumn } from './columns.ts';
import type { RowTable } from './row-table.ts';

/** $1 table names. */
const COLUMNS_OF_TABLES = `
  SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, NULL) AS type, a.attnotnull AS required,
         a.atthasdef AS filled, coalesce(i.indkey[0] = a.attnum AND i.indnkeyatts = 1, false) AS key
  FROM unnest($1::text[]) AS wanted (name)
  JOIN pg_class c ON c.oid = to_regclass(quote_ident(wanted.name))
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary`;

interface TableColumn extends Record<string, unknown> {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly required: boolean;
  /** Whether the column has a default. */
  readonly filled: boolean;
  readonly key: boolean;
}

/** A table, and whether several topics write its rows. */
export interface CheckedTable {
  readonly table: RowTable;
  /** Whether several topics write the rows, in any order. */
  readonly severalTopics: boolean;
}

/**
 * Rejects with `read_model_mismatch`, which names every difference, when a table lacks a column,
 * has a column of another type, or requires a value that its entity may leave out. Nullable columns
 * that only a later release knows are accepted.
 */
export async function checkTables(database: Queryable, tables: readonly CheckedTable[]): Promise<void> {
  if (tables.length === 0) return;
  const names = tables.map(({ table }) => table.name);
  const { rows } = await database.query<TableColumn>(COLUMNS_OF_TABLES, [names]);
  const differences = tables.flatMap((checked) =>
    differencesOf(
      checked,
      rows.filter(({ table }) => table === checked.table.name),
    ),
  );
  if (differences.length > 0)
    throw new ReadModelError(
      'read_model_mismatch',
      `migrations and entities differ: ${differences.join('; ')}`,
    );
}

function differencesOf(
  { table, severalTopics }: CheckedTable,
  columns: readonly TableColumn[],
): readonly string[] {
  if (columns.length === 0) return [`there is no table ${table.name}`];
  const declared = table.columns.flatMap((column) => {
    const found = columns.find((each) => each.column === column.name);
    if (found === undefined) return [`${table.name} has no column ${column.name}`];
    const difference = differenceOf(column, found, severalTopics);
    return difference === undefined ? [] : [`${table.name}.${column.name} ${difference}`];
  });
  const known = new Set(table.columns.map(({ name }) => name));
  const unknown = columns.filter(({ column, required, filled }) => !known.has(column) && required && !filled);
  return [
    ...declared,
    ...unknown.map(({ column }) => `${table.name}.${column} is NOT NULL, but the entity does not have it`),
  ];
}

function differenceOf(
  declared: RowColumn,
  { type, required, key }: TableColumn,
  severalTopics: boolean,
): string | undefined {
  if (declared.type !== type) return `is ${type}, but the entity has ${declared.type}`;
  if (declared.isKey) return key ? undefined : 'is not the primary key';
  // Rows are incomplete until the messages of every topic have arrived. A default does not help,
  // because the statement writes NULL into columns that are not known yet.
  if (severalTopics)
    return required
      ? 'is NOT NULL, but a message of another topic may be the first to write the row: let it be NULL'
      : undefined;
  if (required && declared.nullable) return 'is NOT NULL, but the entity may leave it empty';
  if (!required && !declared.nullable && declared.initialValue === undefined)
    return 'may be NULL, but the entity requires it';
  return undefined;
}
