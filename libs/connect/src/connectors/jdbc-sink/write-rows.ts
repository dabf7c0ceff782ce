import type { PostgresSession } from './postgres-session.ts';
import type { Field, RowChange } from './row-change.ts';
import type { JdbcSinkOptions } from './sink-options.ts';
import { arrayText } from './sql-values.ts';
import { quoted, type SinkTable } from './sink-tables.ts';

/** The most rows that one statement writes. */
const rowsMax = 5_000;

type Cells = readonly (string | null)[];

/**
 * Splits changes into runs, each of which fits into one statement: all changes of a run have the same
 * columns, and in insert mode they are all rows or all deletes.
 */
export function runsOf(
  table: SinkTable,
  changes: readonly RowChange[],
  { insertMode }: JdbcSinkOptions,
): readonly RowChange[][] {
  const runs: RowChange[][] = [];
  const fillThemselves = new Set(
    [...table.columns].filter(([, { fillsItself }]) => fillsItself).map(([name]) => name),
  );
  let last: RowChange | undefined;
  for (const change of changes) {
    const run = runs.at(-1);
    const fits =
      insertMode === 'insert' && run !== undefined
        ? isDelete(run[0]!) === isDelete(change) && haveSameColumns(run[0]!, change, fillThemselves)
        : isDelete(change) || last === undefined || haveSameColumns(last, change, fillThemselves);
    if (run === undefined || !fits || run.length >= rowsMax) runs.push([change]);
    else run.push(change);
    if (!isDelete(change)) last = change;
  }
  return runs;
}

const isDelete = ({ row }: RowChange): boolean => row === undefined;

/**
 * A value without a schema writes all columns, except that it leaves out columns with a default that it has
 * no value for.
 */
function haveSameColumns(one: RowChange, other: RowChange, fillThemselves: ReadonlySet<string>): boolean {
  if (one.schema !== undefined && one.schema === other.schema) return true;
  if ((one.schema === undefined) !== (other.schema === undefined)) return false;
  if (one.schema === undefined && fillThemselves.size === 0) return true;
  const namesOf = ({ row = [], schema }: RowChange) =>
    row
      .map(({ name }) => name)
      .filter((name) => schema !== undefined || fillThemselves.has(name))
      .sort()
      .join('\0');
  return namesOf(one) === namesOf(other);
}

/** Writes the rows of a run with one statement, and its deletes with another one. */
export async function writeRun(
  session: PostgresSession,
  table: SinkTable,
  changes: readonly RowChange[],
  options: JdbcSinkOptions,
): Promise<void> {
  const keyNames = changes[0]!.key.map(({ name }) => name);
  const typeOf = (name: string): string => table.columns.get(name)?.type ?? 'text';
  const cellOf = (field: Field) => field.text(typeOf(field.name));
  const keyed = changes.map((change) => ({ change, key: change.key.map(cellOf) }));

  const deleted = keyed.filter(({ change }) => change.row === undefined).map(({ key }) => key);
  if (deleted.length > 0) await deleteRows(session, table, keyNames, typeOf, deleted);

  const newest = options.insertMode === 'insert' ? keyed : newestOfEachKey(keyed);
  const written = newest.filter(({ change }) => change.row !== undefined);
  if (written.length === 0) return;
  const names = columnNames(table, written[0]!.change, options);
  const values = [
    ...columnsOf(written.map(({ key }) => key)),
    ...names.map((name, index) =>
      arrayText(written.map(({ change }) => cellAt(change, name, index, typeOf(name)))),
    ),
  ];
  await session.query(statementOf(table, keyNames, names, typeOf, options), values);
}

/** The cell of a column, which mostly is the field at the same place. */
function cellAt({ row = [] }: RowChange, name: string, index: number, type: string): string | null {
  const field = row[index]?.name === name ? row[index] : row.find((each) => each.name === name);
  return field?.text(type) ?? null;
}

function newestOfEachKey<Change extends { readonly key: Cells }>(
  changes: readonly Change[],
): readonly Change[] {
  const newest = new Map<string, Change>();
  for (const change of changes) newest.set(keyText(change.key), change);
  return [...newest.values()];
}

const keyText = (key: Cells): string => (key.length === 1 ? key[0]! : JSON.stringify(key));

/**
 * Returns the columns that a change writes besides the key. A value without a schema replaces the whole row
 * and sets missing columns to null, so batching does not change the row.
 */
function columnNames(
  table: SinkTable,
  { row = [], key }: RowChange,
  { fields }: JdbcSinkOptions,
): readonly string[] {
  const own = row.filter(({ name }) => table.columns.has(name)).map(({ name }) => name);
  if (row.some(({ hasSchema }) => hasSchema)) return own;
  const ofKey = new Set(key.map(({ name }) => name));
  const replaced = [...table.columns]
    .filter(([name, { fillsItself }]) => !fillsItself && !ofKey.has(name))
    .filter(([name]) => fields.length === 0 || fields.includes(name))
    .map(([name]) => name);
  return [...new Set([...own, ...replaced])];
}

const columnsOf = (rows: readonly Cells[]): readonly string[] =>
  rows[0]!.map((_, column) => arrayText(rows.map((cells) => cells[column] ?? null)));

/** Makes a table from arrays of texts, one array per column. */
const texts = (count: number): string => {
  const columns = Array.from({ length: count }, (_, index) => index);
  return `unnest(${columns.map((index) => `$${index + 1}::text[]`).join(', ')}) AS new(${columns.map((index) => `c${index}`).join(', ')})`;
};

function deleteRows(
  session: PostgresSession,
  table: SinkTable,
  keyNames: readonly string[],
  typeOf: (name: string) => string,
  keys: readonly Cells[],
): Promise<unknown> {
  const matches = keyNames.map((name, index) => `old.${quoted(name)} = new.c${index}::${typeOf(name)}`);
  const statement = `DELETE FROM ${table.sql} AS old USING ${texts(keyNames.length)} WHERE ${matches.join(' AND ')}`;
  return session.query(statement, columnsOf(keys));
}

function statementOf(
  table: SinkTable,
  keyNames: readonly string[],
  names: readonly string[],
  typeOf: (name: string) => string,
  { insertMode }: JdbcSinkOptions,
): string {
  const all = [...keyNames, ...names];
  const values = all.map((name, index) => `new.c${index}::${typeOf(name)}`);
  if (insertMode === 'update') {
    const matches = keyNames.map((name, index) => `old.${quoted(name)} = ${values[index]}`);
    const changes = (names.length === 0 ? keyNames : names).map(
      (name) => `${quoted(name)} = ${values[all.indexOf(name)]}`,
    );
    return `UPDATE ${table.sql} AS old SET ${changes.join(', ')} FROM ${texts(all.length)} WHERE ${matches.join(' AND ')}`;
  }
  const columns = all.map(quoted).join(', ');
  const insert = `INSERT INTO ${table.sql} (${columns}) SELECT ${values.join(', ')} FROM ${texts(all.length)}`;
  if (insertMode === 'insert') return insert;
  const changes = names.map((name) => `${quoted(name)} = EXCLUDED.${quoted(name)}`);
  const conflict = changes.length === 0 ? 'NOTHING' : `UPDATE SET ${changes.join(', ')}`;
  return `${insert} ON CONFLICT (${keyNames.map(quoted).join(', ')}) DO ${conflict}`;
}
