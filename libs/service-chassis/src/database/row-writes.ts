import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { EntityMetadata, ObjectLiteral } from 'typeorm';

export type Key = string | number;

/** What has to happen to one row. Of an update `row` has the key and the columns that change, of the others every column. */
export type RowWrite =
  | { readonly kind: 'insert' | 'upsert' | 'update'; readonly row: ObjectLiteral }
  | { readonly kind: 'remove'; readonly key: Key };

/** Writes of one kind to the same columns: one statement. */
interface Alike {
  readonly kind: 'insert' | 'upsert' | 'update';
  /** Sorted. */
  readonly properties: readonly string[];
  readonly rows: ObjectLiteral[];
}

/** Rows of one entity by SQL of our own: one prepared statement for all rows that change alike, whatever their number. */
export class RowTable {
  readonly #metadata: EntityMetadata;
  readonly keyProperty: string;
  readonly #table: string;
  readonly #key: string;
  readonly #select: string;
  readonly #delete: string;
  /** Typed by the table itself, so that one parameter carries any number of rows. */
  readonly #given: string;
  readonly #columns: ReadonlyMap<string, string>;

  constructor(metadata: EntityMetadata, usedBy: string) {
    const [key, ...others] = metadata.primaryColumns;
    if (key === undefined || others.length > 0)
      throw new TypeError(`${usedBy}: an inline projection's entity has one primary key column`);
    this.#metadata = metadata;
    this.keyProperty = key.propertyName;
    this.#table = quoted(metadata.tableName);
    this.#key = quoted(key.databaseName);
    this.#columns = new Map(
      metadata.columns.map(({ propertyName, databaseName }) => [propertyName, quoted(databaseName)]),
    );
    this.#select = `SELECT ${[...this.#columns.values()].join(', ')} FROM ${this.#table} WHERE ${this.#key} = ANY ($1)`;
    this.#delete = `DELETE FROM ${this.#table} WHERE ${this.#key} = ANY ($1)`;
    this.#given = `jsonb_populate_recordset(NULL::${this.#table}, $1::jsonb) AS given`;
  }

  async load(transaction: SqlTransaction, keys: readonly Key[]): Promise<ReadonlyMap<Key, ObjectLiteral>> {
    if (keys.length === 0) return new Map();
    const { rows } = await transaction.query(this.#select, [keys]);
    return new Map(rows.map((row) => this.#toEntity(row)).map((row) => [row[this.keyProperty] as Key, row]));
  }

  /** Returns the keys that were to be updated and are not there. At most one write for a key. */
  async write(transaction: SqlTransaction, writes: readonly RowWrite[]): Promise<readonly Key[]> {
    const removed = writes.flatMap((write) => (write.kind === 'remove' ? [write.key] : []));
    if (removed.length > 0) await transaction.query(this.#delete, [removed]);
    const missing: Key[] = [];
    for (const { kind, properties, rows } of groupedAlike(writes)) {
      const { rows: found } = await transaction.query<{ key: Key }>(this.#statement(kind, properties), [
        this.#toJson(rows),
      ]);
      if (kind === 'update') missing.push(...this.#keysNotAmong(rows, found));
    }
    return missing;
  }

  #statement(kind: Alike['kind'], properties: readonly string[]): string {
    const columns = properties.map((property) => this.#columnOf(property));
    const others = columns.filter((column) => column !== this.#key);
    const set = (source: string) => others.map((column) => `${column} = ${source}.${column}`).join(', ');
    if (kind === 'update')
      return (
        `UPDATE ${this.#table} AS present SET ${set('given')} FROM ${this.#given} ` +
        `WHERE present.${this.#key} = given.${this.#key} RETURNING present.${this.#key} AS key`
      );
    const insert = `INSERT INTO ${this.#table} (${columns.join(', ')}) SELECT ${columns.join(', ')} FROM ${this.#given}`;
    if (kind === 'insert') return insert;
    return `${insert} ON CONFLICT (${this.#key}) DO ${others.length === 0 ? 'NOTHING' : `UPDATE SET ${set('excluded')}`}`;
  }

  #keysNotAmong(rows: readonly ObjectLiteral[], found: readonly { readonly key: Key }[]): readonly Key[] {
    const there = new Set(found.map(({ key }) => String(key)));
    return rows.map((row) => row[this.keyProperty] as Key).filter((key) => !there.has(String(key)));
  }

  #columnOf(property: string): string {
    const column = this.#columns.get(property);
    if (column === undefined) throw new TypeError(`${this.#metadata.name} has no property ${property}`);
    return column;
  }

  #toJson(rows: readonly ObjectLiteral[]): string {
    return JSON.stringify(
      rows.map((row) =>
        Object.fromEntries(
          this.#metadata.columns
            .filter(({ propertyName }) => propertyName in row)
            .map(({ propertyName, databaseName, transformer }) => [
              databaseName,
              transformed(transformer, 'to', row[propertyName]),
            ]),
        ),
      ),
    );
  }

  #toEntity(row: ObjectLiteral): ObjectLiteral {
    return Object.fromEntries(
      this.#metadata.columns.map(({ propertyName, databaseName, transformer }) => [
        propertyName,
        transformed(transformer, 'from', row[databaseName]),
      ]),
    );
  }
}

function groupedAlike(writes: readonly RowWrite[]): readonly Alike[] {
  const groups = new Map<string, Alike>();
  for (const write of writes) {
    if (write.kind === 'remove') continue;
    const properties = Object.keys(write.row).sort();
    const shape = `${write.kind} ${properties.join(' ')}`;
    const group = groups.get(shape);
    if (group === undefined) groups.set(shape, { kind: write.kind, properties, rows: [write.row] });
    else group.rows.push(write.row);
  }
  return [...groups.values()];
}

type Transformer = EntityMetadata['columns'][number]['transformer'];

/** Several transformers apply in their order when writing, and backwards when reading, as TypeORM does. */
function transformed(transformer: Transformer, way: 'to' | 'from', value: unknown): unknown {
  const all = [transformer ?? []].flat();
  const ordered = way === 'to' ? all : all.reverse();
  return ordered.reduce<unknown>((given, each) => each[way](given), value);
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
