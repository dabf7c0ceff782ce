import type { Queryable } from '@millrace/streaming-core/postgres';
import { ServiceError } from '../ground/errors.ts';
import type { ReadModelTable } from './read-model.ts';
import type { RowField, ValueKind } from './row-fields.ts';

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

const typesOf: Readonly<Record<ValueKind, readonly string[]>> = {
  uuid: ['uuid', 'text'],
  text: ['text'],
  instant: ['timestamp with time zone'],
  integer: ['bigint', 'integer'],
  number: ['double precision', 'numeric', 'real'],
  boolean: ['boolean'],
  json: ['jsonb'],
};

/**
 * Rejects with `read_model_mismatch`, which names every difference, when a table lacks a column,
 * has a column of another type, or requires a value that its read model may leave out. Nullable
 * columns that only a later release knows are accepted.
 */
export async function checkTables(database: Queryable, readModels: readonly ReadModelTable[]): Promise<void> {
  if (readModels.length === 0) return;
  const names = readModels.map(({ rows }) => rows.name);
  const { rows } = await database.query<TableColumn>(COLUMNS_OF_TABLES, [names]);
  const differences = readModels.flatMap((readModel) =>
    differencesOf(
      readModel,
      rows.filter(({ table }) => table === readModel.rows.name),
    ),
  );
  if (differences.length > 0)
    throw new ServiceError(
      'read_model_mismatch',
      `migrations and read models differ: ${differences.join('; ')}`,
    );
}

function differencesOf(readModel: ReadModelTable, columns: readonly TableColumn[]): readonly string[] {
  const { rows } = readModel;
  if (columns.length === 0) return [`there is no table ${rows.name}`];
  const byName = new Map(columns.map((column) => [column.column, column]));
  const declared = rows.fields.flatMap((field) =>
    field.columns.flatMap(({ name, kind }) => {
      const column = byName.get(name);
      if (column === undefined) return [`${rows.name} has no column ${name}`];
      const difference = differenceOf(readModel, field, column, kind);
      return difference === undefined ? [] : [`${rows.name}.${name} ${difference}`];
    }),
  );
  const known = new Set(rows.fields.flatMap((field) => field.columns.map(({ name }) => name)));
  const unknown = columns.filter(({ column, required, filled }) => !known.has(column) && required && !filled);
  return [
    ...declared,
    ...unknown.map(({ column }) => `${rows.name}.${column} is NOT NULL, but the read model does not have it`),
  ];
}

function differenceOf(
  { rows, shownOnce }: ReadModelTable,
  field: RowField,
  { type, required, key }: TableColumn,
  kind: ValueKind,
): string | undefined {
  if (!typesOf[kind].includes(type)) return `is ${type}, but the read model has ${kind}`;
  if (field === rows.key) return key ? undefined : 'is not the primary key';
  // Rows are incomplete until the messages of every topic have arrived. A default does not help,
  // because the statement writes NULL into columns that are not known yet.
  const isJoined = shownOnce !== undefined;
  if (isJoined)
    return required
      ? 'is NOT NULL, but a message of another topic may be the first to write the row: let it be NULL'
      : undefined;
  if (required && field.nullable) return 'is NOT NULL, but the read model may leave it empty';
  if (!required && !field.nullable && field.initialValue === undefined)
    return 'may be NULL, but the read model requires it';
  return undefined;
}
