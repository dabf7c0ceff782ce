import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { EntityMetadata, ObjectLiteral } from 'typeorm';

export type Key = string | number;

/** What has to happen to one row: `whole` rows replace or add, a `part` changes columns of a row that is there. */
export type RowWrite =
  | { readonly kind: 'insert' | 'upsert'; readonly row: ObjectLiteral }
  | { readonly kind: 'update'; readonly key: Key; readonly change: ObjectLiteral }
  | { readonly kind: 'remove'; readonly key: Key };

/** Rows of one entity by SQL of our own: one prepared statement for all rows that change alike, whatever their number. */
export class RowTable {
  readonly #metadata: EntityMetadata;
  readonly #table: string;
  readonly keyProperty: string;
  readonly #keyColumn: string;

  constructor(metadata: EntityMetadata, usedBy: string) {
    const [key, ...others] = metadata.primaryColumns;
    if (key === undefined || others.length > 0) throw new TypeError(`${usedBy}: an inline projection's entity has one primary key column`);
    this.#metadata = metadata;
    this.#table = quoted(metadata.tableName);
    this.keyProperty = key.propertyName;
    this.#keyColumn = quoted(key.databaseName);
  }

  async load(transaction: SqlTransaction, keys: readonly Key[]): Promise<ReadonlyMap<Key, ObjectLiteral>> {
    if (keys.length === 0) return new Map();
    const columns = this.#metadata.columns.map(({ databaseName }) => quoted(databaseName)).join(', ');
    const { rows } = await transaction.query(`SELECT ${columns} FROM ${this.#table} WHERE ${this.#keyColumn} = ANY ($1)`, [keys]);
    return new Map(rows.map((row) => this.#toEntity(row)).map((row) => [row[this.keyProperty] as Key, row]));
  }

  /** Returns the keys that were to be updated and are not there. At most one write for a key. */
  async write(transaction: SqlTransaction, writes: readonly RowWrite[]): Promise<readonly Key[]> {
    const groups = new Map<string, RowWrite[]>();
    for (const write of writes) groups.set(shapeOf(write), [...(groups.get(shapeOf(write)) ?? []), write]);
    const missing: Key[] = [];
    for (const group of groups.values()) missing.push(...(await this.#writeAlike(transaction, group)));
    return missing;
  }

  async #writeAlike(transaction: SqlTransaction, writes: readonly RowWrite[]): Promise<readonly Key[]> {
    const [first] = writes;
    if (first === undefined) return [];
    if (first.kind === 'remove') {
      const keys = writes.map((write) => (write as { key: Key }).key);
      await transaction.query(`DELETE FROM ${this.#table} WHERE ${this.#keyColumn} = ANY ($1)`, [keys]);
      return [];
    }
    if (first.kind === 'update') return this.#update(transaction, writes as readonly Extract<RowWrite, { kind: 'update' }>[]);
    const rows = (writes as readonly Extract<RowWrite, { row: ObjectLiteral }>[]).map(({ row }) => row);
    await transaction.query(this.#insertStatement(Object.keys(rows[0] ?? {}).sort(), first.kind === 'upsert'), [this.#toJson(rows)]);
    return [];
  }

  #insertStatement(properties: readonly string[], orUpdate: boolean): string {
    const columns = properties.map((property) => this.#columnOf(property));
    const others = columns.filter((column) => column !== this.#keyColumn);
    const change = others.length === 0 ? 'NOTHING' : `UPDATE SET ${others.map((column) => `${column} = excluded.${column}`).join(', ')}`;
    return (
      `INSERT INTO ${this.#table} (${columns.join(', ')}) SELECT ${columns.join(', ')} FROM ${this.#given} ` +
      (orUpdate ? `ON CONFLICT (${this.#keyColumn}) DO ${change}` : '')
    );
  }

  async #update(transaction: SqlTransaction, updates: readonly Extract<RowWrite, { kind: 'update' }>[]): Promise<readonly Key[]> {
    const columns = Object.keys(updates[0]?.change ?? {})
      .sort()
      .map((property) => this.#columnOf(property));
    const { rows } = await transaction.query<{ key: Key }>(
      `UPDATE ${this.#table} AS present SET ${columns.map((column) => `${column} = given.${column}`).join(', ')} ` +
        `FROM ${this.#given} WHERE present.${this.#keyColumn} = given.${this.#keyColumn} RETURNING present.${this.#keyColumn} AS key`,
      [this.#toJson(updates.map(({ key, change }) => ({ ...change, [this.keyProperty]: key })))],
    );
    const found = new Set(rows.map(({ key }) => String(key)));
    return updates.map(({ key }) => key).filter((key) => !found.has(String(key)));
  }

  /** Typed by the table itself, so that one parameter carries any number of rows. */
  get #given(): string {
    return `jsonb_populate_recordset(NULL::${this.#table}, $1::jsonb) AS given`;
  }

  #columnOf(property: string): string {
    const column = this.#metadata.findColumnWithPropertyName(property);
    if (column === undefined) throw new TypeError(`${this.#metadata.name} has no property ${property}`);
    return quoted(column.databaseName);
  }

  #toJson(rows: readonly ObjectLiteral[]): string {
    return JSON.stringify(
      rows.map((row) =>
        Object.fromEntries(
          this.#metadata.columns
            .filter(({ propertyName }) => propertyName in row)
            .map(({ propertyName, databaseName, transformer }) => {
              const value: unknown = row[propertyName];
              return [databaseName, transformer === undefined ? value : transformed(transformer, 'to', value)];
            }),
        ),
      ),
    );
  }

  #toEntity(row: ObjectLiteral): ObjectLiteral {
    return Object.fromEntries(
      this.#metadata.columns.map(({ propertyName, databaseName, transformer }) => {
        const value: unknown = row[databaseName];
        return [propertyName, transformer === undefined ? value : transformed(transformer, 'from', value)];
      }),
    );
  }
}

type Transformer = NonNullable<EntityMetadata['columns'][number]['transformer']>;

/** Several transformers apply in their order when writing, and backwards when reading, as TypeORM does. */
function transformed(transformer: Transformer, way: 'to' | 'from', value: unknown): unknown {
  const all = Array.isArray(transformer) ? transformer : [transformer];
  const ordered = way === 'to' ? all : [...all].reverse();
  return ordered.reduce<unknown>((given, each) => each[way](given), value);
}

const shapeOf = (write: RowWrite): string => {
  if (write.kind === 'remove') return 'remove';
  const columns = Object.keys(write.kind === 'update' ? write.change : write.row);
  return `${write.kind} ${columns.sort().join(' ')}`;
};

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
