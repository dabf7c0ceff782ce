import type { Queryable, Sent, SqlTransaction } from '@millrace/streaming-core/postgres';
import { entityTable, quoted, type EntityClass, type RowColumn } from './columns.ts';
import { Increment } from './increment.ts';

export type Key = string | number;
export type Row = Readonly<Record<string, unknown>>;

/**
 * The write of one row. `given` has the key and the fields that change. An `upsert` keeps the other
 * fields, or starts them with their initial values.
 */
export type RowWrite =
  | { readonly kind: 'upsert' | 'update'; readonly given: Row }
  | { readonly kind: 'remove'; readonly key: Key };

/** The error of a write if a row to update does not exist. */
export class RowNotFound extends Error {
  override readonly name = 'RowNotFound';
  readonly key: string;

  constructor(key: string, options: ErrorOptions) {
    super(`row ${key} does not exist`, options);
    this.key = key;
  }
}

/** How messages are merged into rows. */
export interface JoinRules {
  /** Properties that never decrease. */
  readonly greatest: ReadonlySet<string>;
  /** The property for the time at which a row was removed. */
  readonly removed: string | undefined;
  /** Whether several topics write the rows, in any order. */
  readonly severalTopics: boolean;
}

/** Writes of one kind to the same columns, which share a statement. */
interface Alike {
  readonly kind: 'upsert' | 'update';
  readonly columns: readonly RowColumn[];
  readonly rows: Row[];
}

/**
 * The rows of an entity. It runs one prepared statement for all rows that change the same columns,
 * whatever their number.
 */
export class RowTable {
  readonly name: string;
  readonly key: RowColumn;
  readonly columns: readonly RowColumn[];
  readonly #table: string;
  readonly #key: string;
  readonly #select: string;
  readonly #delete: string;
  /**
   * The rows of a statement, typed by the table itself, so that one parameter carries any number of
   * them.
   */
  readonly #given: string;

  constructor(entity: EntityClass) {
    const { name, columns } = entityTable(entity);
    this.name = name;
    this.columns = columns;
    this.key = columns.find(({ isKey }) => isKey)!;
    this.#key = quoted(this.key.name);
    this.#table = quoted(name);
    this.#select = `SELECT ${listOf(columns)} FROM ${this.#table} WHERE ${this.#key} = ANY ($1)`;
    this.#delete = `DELETE FROM ${this.#table} WHERE ${this.#key} = ANY ($1)`;
    this.#given = `jsonb_populate_recordset(NULL::${this.#table}, $1::jsonb) AS given`;
  }

  column(property: string): RowColumn {
    const found = this.columns.find((column) => column.property === property);
    if (found === undefined) throw new TypeError(`${this.name} has no property ${property}`);
    return found;
  }

  /** Returns the properties that a new row needs and a change does not give. */
  lackingIn(change: Row): readonly string[] {
    return this.columns
      .filter(({ isKey, nullable, initialValue }) => !isKey && !nullable && initialValue === undefined)
      .map(({ property }) => property)
      .filter((property) => (change[property] ?? null) === null || change[property] instanceof Increment);
  }

  /** Returns a new row: the change, and the initial values of the other properties. */
  begun(change: Row): Row {
    const initial = this.columns.filter(({ initialValue }) => initialValue !== undefined);
    return {
      ...Object.fromEntries(initial.map(({ property, initialValue }) => [property, initialValue])),
      ...change,
    };
  }

  /** Returns a row after a change as it will be read. */
  changed(row: Row, change: Row): Row {
    const values = this.columns.map(({ property, initialValue }) => [
      property,
      (change[property] === undefined ? row[property] : change[property]) ?? initialValue ?? null,
    ]);
    return Object.fromEntries(values) as Row;
  }

  /** Reads the rows with these keys. A key without a row is skipped. */
  async load(database: Queryable, keys: readonly Key[]): Promise<ReadonlyMap<Key, Row>> {
    if (keys.length === 0) return new Map();
    const { rows } = await database.query(this.#select, [keys]);
    return new Map(
      rows.map((row) => this.#fromDriver(row)).map((row) => [row[this.key.property] as Key, row]),
    );
  }

  /**
   * Sends the write of each row, with at most one write per key. The transaction fails with
   * `RowNotFound` if a row to update does not exist, even if COMMIT is already on its way.
   */
  write(transaction: SqlTransaction, writes: readonly RowWrite[]): Sent {
    const removed = writes.flatMap((write) => (write.kind === 'remove' ? [write.key] : []));
    const sent = removed.length > 0 ? [this.remove(transaction, removed)] : [];
    const others = this.#groupedAlike(writes).map(({ kind, columns, rows }) =>
      kind === 'upsert'
        ? this.#upsert(transaction, columns, rows)
        : this.#update(transaction, columns, rows).catch(asRowNotFound),
    );
    return { answers: Promise.all([...sent, ...others]) };
  }

  /**
   * Merges the given properties into the stored rows, in one statement. Those that are left out keep
   * their values, and one of `greatest` never decreases. A row that gives `removed` loses all others
   * for ever. Each key may appear once.
   *
   * Rows of several topics are locked in the order of their keys, so that two
   * processes never deadlock. Such a table has no required columns. A row of one topic may have
   * some: stored rows are updated first, because INSERT checks required columns (23502) before it
   * finds a conflict, and later messages do not give them. New rows begin with initial values.
   */
  join(transaction: SqlTransaction, rows: readonly Row[], rules: JoinRules): Promise<unknown> {
    const key = this.#key;
    const columns = listOf(this.columns);
    const unlessRemoved =
      rules.removed === undefined
        ? ''
        : ` WHERE NOT (kept.${quoted(this.column(rules.removed).name)} IS NOT NULL)`;
    const insertFrom = (source: string) =>
      `INSERT INTO ${this.#table} AS kept (${columns}) SELECT ${columns} FROM ${source} ORDER BY ${key} ` +
      `ON CONFLICT (${key}) DO UPDATE SET ${this.#joined('excluded', rules)}${unlessRemoved}`;
    if (rules.severalTopics) return transaction.query(insertFrom(this.#given), [this.#toJson(rows)]);
    const text =
      `WITH changed AS (UPDATE ${this.#table} AS kept SET ${this.#joined('given', rules)} FROM ${this.#given} ` +
      `WHERE kept.${key} = given.${key} RETURNING kept.${key} AS key) ` +
      insertFrom(`jsonb_populate_recordset(NULL::${this.#table}, $2) WHERE ${key} NOT IN (TABLE changed)`);
    return transaction.query(text, [this.#toJson(rows), this.#toJson(rows.map((row) => this.begun(row)))]);
  }

  #joined(source: string, { greatest, removed }: JoinRules): string {
    const isRemoved =
      removed === undefined ? undefined : `${source}.${quoted(this.column(removed).name)} IS NOT NULL`;
    const set = this.#others(this.columns).map(({ property, name }) => {
      const column = quoted(name);
      const newest = greatest.has(property) ? 'greatest' : 'coalesce';
      const joined = `${newest}(${source}.${column}, kept.${column})`;
      return isRemoved === undefined
        ? `${column} = ${joined}`
        : `${column} = CASE WHEN ${isRemoved} THEN ${source}.${column} ELSE ${joined} END`;
    });
    return set.join(', ');
  }

  remove(transaction: SqlTransaction, keys: readonly Key[]): Promise<unknown> {
    return transaction.query(this.#delete, [keys]);
  }

  #upsert(
    transaction: SqlTransaction,
    columns: readonly RowColumn[],
    rows: readonly Row[],
  ): Promise<unknown> {
    const begun = this.columns.filter(
      (column) => columns.includes(column) || column.initialValue !== undefined,
    );
    const list = listOf(begun);
    const others = this.#others(columns);
    const set = others.map(({ name }) => `${quoted(name)} = excluded.${quoted(name)}`).join(', ');
    const change = others.length === 0 ? 'NOTHING' : `UPDATE SET ${set}`;
    return transaction.query(
      `INSERT INTO ${this.#table} (${list}) SELECT ${list} FROM ${this.#given} ON CONFLICT (${this.#key}) DO ${change}`,
      [this.#toJson(rows.map((row) => this.begun(row)))],
    );
  }

  /**
   * SQL has no statement that raises an error, so the statement casts the key of a missing row to a
   * number. Without a missing row, there is nothing to cast. A number that is NULL in a row from
   * before its column existed begins with its initial value.
   */
  #update(
    transaction: SqlTransaction,
    columns: readonly RowColumn[],
    rows: readonly Row[],
  ): Promise<unknown> {
    const others = this.#others(columns);
    const added = others.filter(({ property }) => rows[0]?.[property] instanceof Increment);
    const initial = Object.fromEntries(added.map(({ name, initialValue }) => [name, initialValue ?? null]));
    const set = others.map((column) => {
      const name = quoted(column.name);
      return added.includes(column)
        ? `${name} = coalesce(present.${name}, initial.${name}) + given.${name}`
        : `${name} = given.${name}`;
    });
    return transaction.query(
      `WITH given AS (SELECT * FROM ${this.#given}), changed AS (` +
        `UPDATE ${this.#table} AS present SET ${set.join(', ')} FROM given` +
        (added.length > 0 ? `, jsonb_populate_record(NULL::${this.#table}, $2::jsonb) AS initial ` : ' ') +
        `WHERE present.${this.#key} = given.${this.#key} RETURNING present.${this.#key} AS key) ` +
        `SELECT (SELECT '${notFound}' || ${this.#key} || ']' FROM given ` +
        `WHERE ${this.#key} NOT IN (SELECT key FROM changed) LIMIT 1)::integer`,
      [this.#toJson(rows), ...(added.length > 0 ? [JSON.stringify(initial)] : [])],
    );
  }

  #others(columns: readonly RowColumn[]): readonly RowColumn[] {
    return columns.filter((column) => column !== this.key);
  }

  #groupedAlike(writes: readonly RowWrite[]): readonly Alike[] {
    const groups = new Map<string, Alike>();
    for (const write of writes) {
      if (write.kind === 'remove') continue;
      const { kind, given } = write;
      const names = Object.keys(given).sort();
      const shape = `${kind} ${names.map((name) => (given[name] instanceof Increment ? `+${name}` : name)).join(' ')}`;
      const group = groups.get(shape);
      if (group !== undefined) group.rows.push(given);
      else groups.set(shape, { kind, columns: names.map((name) => this.column(name)), rows: [given] });
    }
    return [...groups.values()];
  }

  #toJson(rows: readonly Row[]): string {
    const named = rows.map((row) =>
      Object.entries(row).map(([property, value]) => [this.column(property).name, value]),
    );
    return JSON.stringify(named.map((values) => Object.fromEntries(values) as Row));
  }

  #fromDriver(row: Row): Row {
    const values = this.columns.map(({ property, name, read }) => [property, read(row[name])]);
    return this.changed(Object.fromEntries(values) as Row, {});
  }
}

const listOf = (columns: readonly RowColumn[]): string => columns.map(({ name }) => quoted(name)).join(', ');

/** The bracket ends the key, since the quotation marks around the text depend on the language. */
const notFound = 'no row [';

function asRowNotFound(error: unknown): never {
  const message = error instanceof Error && 'code' in error && error.code === '22P02' ? error.message : '';
  const start = message.indexOf(notFound);
  if (start === -1) throw error;
  const key = message.slice(start + notFound.length, message.lastIndexOf(']'));
  throw new RowNotFound(key, { cause: error });
}

/**
 * Reads rows by their keys with one prepared statement, where a repository would have PostgreSQL
 * plan the query each time.
 */
export function rowsByKey<Entity extends object>(entity: EntityClass<Entity>) {
  const table = new RowTable(entity);
  return async (database: Queryable, keys: readonly Key[]): Promise<readonly Entity[]> =>
    [...(await table.load(database, keys)).values()] as unknown as readonly Entity[];
}
