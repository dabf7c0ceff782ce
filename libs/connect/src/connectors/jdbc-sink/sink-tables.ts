import { ConnectError } from '../../plugin/connect-error.ts';
import type { PostgresSession } from './postgres-session.ts';
import type { RowChange } from './row-change.ts';
import type { JdbcSinkOptions, TableName } from './sink-options.ts';
import { jsonTypeOfBoth, type JsonType } from './sql-values.ts';

interface Column {
  readonly type: string;
  /** Whether the column has a default or is generated. A record without a value for it does not change it. */
  readonly fillsItself: boolean;
}

/** A table as it is in the database. */
export interface SinkTable {
  /** The name of the table as statements write it. */
  readonly sql: string;
  readonly columns: ReadonlyMap<string, Column>;
}

const tablesMax = 10_000;
/** PostgreSQL truncates longer names, so two of them could become one. */
const nameBytesMax = 63;

const columnsOfTable = `
  SELECT attname AS name, format_type(atttypid, atttypmod) AS type,
    (atthasdef OR attidentity <> '') AS "fillsItself"
  FROM pg_attribute
  WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
  ORDER BY attnum`;

/** Lets only one task of all workers create or change a table at a time. */
const lockTables = `SELECT pg_advisory_xact_lock(hashtext('millrace.connect.tables'))`;

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const quotedTable = ({ schema, name }: TableName): string =>
  schema === undefined ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;

/** Knows the tables that the sink writes, and adapts them to the records. */
export class SinkTables {
  readonly #session: PostgresSession;
  readonly #options: JdbcSinkOptions;
  readonly #known = new Map<string, SinkTable>();

  constructor(session: PostgresSession, options: JdbcSinkOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** Makes the sink read the columns of each table again before it uses the table. */
  forget(): void {
    this.#known.clear();
  }

  /**
   * Returns the table with every column that the changes need. Creates or extends it if the settings allow
   * that, and otherwise throws an error with the remedy. Returns undefined if there is no table and nothing
   * to write into it.
   */
  async fitting(tableName: TableName, changes: readonly RowChange[]): Promise<SinkTable | undefined> {
    const sql = quotedTable(tableName);
    const wanted = columnsOf(changes);
    const known = this.#known.get(sql) ?? (await this.#described(sql));
    if (known === undefined) {
      if (changes.every(({ row }) => row === undefined)) return undefined;
      return this.#created(sql, wanted, changes[0]!);
    }
    const missing = [...wanted].filter(([name]) => !known.columns.has(name));
    return missing.length === 0 ? known : this.#extended(sql, missing, changes[0]!);
  }

  async #described(sql: string): Promise<SinkTable | undefined> {
    const rows = await this.#session.query<Column & { name: string }>(columnsOfTable, [sql]);
    if (rows.length === 0) return undefined;
    const table = { sql, columns: new Map(rows.map(({ name, ...column }) => [name, column])) };
    if (this.#known.size >= tablesMax) this.#known.clear();
    this.#known.set(sql, table);
    return table;
  }

  async #created(
    sql: string,
    wanted: ReadonlyMap<string, string>,
    { key, record }: RowChange,
  ): Promise<SinkTable> {
    if (!this.#options.createsTables)
      throw new ConnectError(
        `there is no table ${sql} for topic ${record.topic}: create it, or set ${this.#settingOf('create')}`,
      );
    this.#refuseLongNames(sql, [...wanted.keys()]);
    const columns = [...wanted].map(([name, type]) => `${quoted(name)} ${type}`);
    const primaryKey = key.map(({ name }) => quoted(name));
    if (primaryKey.length > 0) columns.push(`PRIMARY KEY (${primaryKey.join(', ')})`);
    return this.#changed(sql, `CREATE TABLE IF NOT EXISTS ${sql} (${columns.join(', ')})`);
  }

  async #extended(
    sql: string,
    missing: ReadonlyArray<readonly [string, string]>,
    { key }: RowChange,
  ): Promise<SinkTable> {
    this.#refuseLongNames(
      sql,
      missing.map(([name]) => name),
    );
    const names = missing.map(([name]) => quoted(name));
    const ofKey = names.filter((name) => key.some((field) => quoted(field.name) === name));
    if (ofKey.length > 0)
      throw new ConnectError(
        `the table ${sql} has no column ${ofKey.join(', ')}, which the primary key is made of: add it ` +
          `with a unique constraint, or name the columns of the key in ${this.#settingOf('key')}`,
      );
    if (!this.#options.addsColumns)
      throw new ConnectError(
        `the table ${sql} has no column ${names.join(', ')}: add it, set ${this.#settingOf('evolve')}, ` +
          `or name the fields to write in ${this.#settingOf('fields')}`,
      );
    const additions = missing.map(([name, type]) => `ADD COLUMN IF NOT EXISTS ${quoted(name)} ${type}`);
    return this.#changed(sql, `ALTER TABLE ${sql} ${additions.join(', ')}`);
  }

  async #changed(sql: string, statement: string): Promise<SinkTable> {
    await this.#session.transaction(async () => {
      await this.#session.query(lockTables);
      await this.#session.query(statement);
    });
    const table = await this.#described(sql);
    if (table === undefined)
      throw new ConnectError(`the table ${sql} disappeared while the sink created it: restart the task`);
    return table;
  }

  #refuseLongNames(sql: string, names: readonly string[]): void {
    const wrong = names.find((name) => name === '' || Buffer.byteLength(name) > nameBytesMax);
    if (wrong !== undefined)
      throw new ConnectError(
        `the table ${sql} cannot have the column "${wrong}", because a name has 1 to ${nameBytesMax} ` +
          'bytes: rename the field with the transform ReplaceField, or name the fields to write in ' +
          `${this.#settingOf('fields')}`,
      );
  }

  #settingOf(what: 'create' | 'evolve' | 'key' | 'fields'): string {
    const names = this.#options.readsEnvelopes
      ? {
          create: 'schema.evolution=basic',
          evolve: 'schema.evolution=basic',
          key: 'primary.key.fields',
          fields: 'field.include.list',
        }
      : {
          create: 'auto.create=true',
          evolve: 'auto.evolve=true',
          key: 'pk.fields',
          fields: 'fields.whitelist',
        };
    return names[what];
  }
}

/** Returns the columns that the changes have values for, each with a type that can hold all of them. */
function columnsOf(changes: readonly RowChange[]): ReadonlyMap<string, string> {
  const types = new Map<string, string>();
  let last: RowChange | undefined;
  for (const change of changes) {
    if (last !== undefined && haveSameSchemas(last, change)) continue;
    last = change;
    for (const fields of [change.key, change.row ?? []])
      for (const { name, type, hasSchema } of fields) {
        if (type === undefined) continue;
        const before = types.get(name);
        if (before === undefined) types.set(name, type);
        else if (before !== type && !hasSchema)
          types.set(name, jsonTypeOfBoth(before as JsonType, type as JsonType));
      }
  }
  return types;
}

const haveSameSchemas = (one: RowChange, other: RowChange): boolean =>
  other.schema !== undefined &&
  other.schema === one.schema &&
  other.record.key.schema !== undefined &&
  other.record.key.schema === one.record.key.schema;
