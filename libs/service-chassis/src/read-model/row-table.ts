import type { Sent, SqlTransaction } from '@millrace/streaming-core/postgres';
import type { z } from 'zod';
import { Increment, isIncrement } from './increment.ts';
import {
  assignments,
  assignmentsOf,
  columnValues,
  fieldValue,
  quoted,
  quotedColumns,
  rowFields,
  type ColumnNames,
  type RowField,
} from './row-fields.ts';

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

export interface RowTableOptions {
  readonly table: string;
  readonly key: string;
  readonly fields: z.ZodRawShape;
  readonly columns?: ColumnNames | undefined;
}

/** How rows of several topics are merged (`joined` of the read model). */
export interface JoinRules {
  readonly greatest: ReadonlySet<string>;
  readonly removed: string | undefined;
  readonly shownOnce: string | undefined;
}

/** Writes of one kind to the same fields, which share a statement. */
interface Alike {
  readonly kind: 'upsert' | 'update';
  readonly fields: readonly RowField[];
  readonly rows: Row[];
}

/**
 * The rows of one table. It runs one prepared statement for all rows that change the same fields,
 * whatever their number.
 */
export class RowTable {
  readonly name: string;
  readonly key: RowField;
  readonly fields: readonly RowField[];
  readonly #table: string;
  readonly #key: string;
  readonly #select: string;
  readonly #delete: string;
  /**
   * The rows of a statement, typed by the table itself, so that one parameter carries any number of
   * them.
   */
  readonly #given: string;

  constructor({ table, key, fields, columns }: RowTableOptions) {
    this.name = table;
    this.fields = rowFields(fields, columns);
    this.key = this.field(key);
    this.#key = this.column(key);
    this.#table = quoted(table);
    this.#select = `SELECT ${this.columnList(this.fields)} FROM ${this.#table} WHERE ${this.#key} = ANY ($1)`;
    this.#delete = `DELETE FROM ${this.#table} WHERE ${this.#key} = ANY ($1)`;
    this.#given = `jsonb_populate_recordset(NULL::${this.#table}, $1::jsonb) AS given`;
  }

  field(name: string): RowField {
    const found = this.fields.find((field) => field.name === name);
    if (found === undefined) throw new TypeError(`${this.name} has no field ${name}`);
    return found;
  }

  /** Returns the quoted column of a field. Throws if the field has several columns. */
  column(name: string): string {
    const [column, ...others] = quotedColumns(this.field(name));
    if (column === undefined || others.length > 0)
      throw new TypeError(`${this.name}: ${name} has several columns`);
    return column;
  }

  /**
   * Converts a field's value for the driver. Instants are passed as dates, because PostgreSQL
   * cannot read every year in ISO 8601 and the driver writes those in another form.
   */
  parameter(name: string, value: unknown): unknown {
    return this.field(name).columns[0]?.kind === 'instant' ? new Date(String(value)) : value;
  }

  columnList(fields: readonly RowField[]): string {
    return fields.flatMap(quotedColumns).join(', ');
  }

  /** Returns the fields that a new row needs and a change does not give. */
  lackingIn(change: Row): readonly string[] {
    return this.fields
      .filter((field) => field !== this.key && !field.nullable && field.initialValue === undefined)
      .map(({ name }) => name)
      .filter((name) => (change[name] ?? null) === null || isIncrement(change[name]));
  }

  /**
   * Whether the database can add the increments of a field. It cannot if other parts of the field
   * are given as well. Throws if the field is one column of JSON.
   */
  canAdd(name: string, value: unknown): boolean {
    if (value instanceof Increment) return true;
    if (this.field(name).parts === undefined)
      throw new TypeError(
        `${this.name}: ${name} is one column, so nothing can be added to a part of it: change it with a function of the row`,
      );
    return Object.values(value as Row).every((part) => part === undefined || part instanceof Increment);
  }

  /** Returns a new row: the change, and the initial values of the other fields. */
  begun(change: Row): Row {
    const initial = this.fields.map(({ name, initialValue }) => [name, initialValue]);
    return { ...Object.fromEntries(initial.filter(([, value]) => value !== undefined)), ...change };
  }

  /**
   * Returns a row after a change as it will be read: an optional field that is emptied is absent.
   */
  changed(row: Row, change: Row): Row {
    const values = this.fields.map(({ name, emptyValue }) => [
      name,
      (change[name] === undefined ? row[name] : change[name]) ?? emptyValue,
    ]);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
  }

  fromColumns(row: Row): Row {
    const values = this.fields.map((field) => [field.name, fieldValue(field, row)] as const);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
  }

  async load(transaction: SqlTransaction, keys: readonly Key[]): Promise<ReadonlyMap<Key, Row>> {
    if (keys.length === 0) return new Map();
    const { rows } = await transaction.query(this.#select, [keys]);
    return new Map(rows.map((row) => this.fromColumns(row)).map((row) => [row[this.key.name] as Key, row]));
  }

  /**
   * Sends the write of each row, with at most one write per key. The transaction fails with
   * `RowNotFound` if a row to update does not exist, even if COMMIT is already on its way.
   */
  write(transaction: SqlTransaction, writes: readonly RowWrite[]): Sent {
    const removed = writes.flatMap((write) => (write.kind === 'remove' ? [write.key] : []));
    const sent = removed.length > 0 ? [this.remove(transaction, removed)] : [];
    const others = this.#groupedAlike(writes).map(({ kind, fields, rows }) =>
      kind === 'upsert'
        ? this.#upsert(transaction, fields, rows)
        : this.#update(transaction, fields, rows).catch(asRowNotFound),
    );
    return { answers: Promise.all([...sent, ...others]) };
  }

  /**
   * Merges the given fields into the stored rows, in one statement. Fields that are left out keep
   * their values, and a field of `greatest` never decreases. A row that gives the field `removed`
   * loses all others for ever. Each key may appear once.
   *
   * Rows of several topics (`shownOnce`) are locked in the order of their keys, so that two
   * processes never deadlock. Such a table has no required columns. A row of one topic may have
   * some: stored rows are updated first, because INSERT checks required columns (23502) before it
   * finds a conflict, and later messages do not give them. New rows begin with initial values.
   */
  join(transaction: SqlTransaction, rows: readonly Row[], rules: JoinRules): Promise<unknown> {
    const key = this.#key;
    const columns = this.columnList(this.fields);
    const unlessRemoved =
      rules.removed === undefined ? '' : ` WHERE NOT (kept.${this.column(rules.removed)} IS NOT NULL)`;
    const insertFrom = (source: string) =>
      `INSERT INTO ${this.#table} AS kept (${columns}) SELECT ${columns} FROM ${source} ORDER BY ${key} ` +
      `ON CONFLICT (${key}) DO UPDATE SET ${this.#joined('excluded', rules)}${unlessRemoved}`;
    if (rules.shownOnce !== undefined)
      return transaction.query(insertFrom(this.#given), [this.#toJson(rows)]);
    const text =
      `WITH changed AS (UPDATE ${this.#table} AS kept SET ${this.#joined('given', rules)} FROM ${this.#given} ` +
      `WHERE kept.${key} = given.${key} RETURNING kept.${key} AS key) ` +
      insertFrom(`jsonb_populate_recordset(NULL::${this.#table}, $2) WHERE ${key} NOT IN (TABLE changed)`);
    return transaction.query(text, [this.#toJson(rows), this.#toJson(rows.map((row) => this.begun(row)))]);
  }

  #joined(source: string, { greatest, removed }: JoinRules): string {
    const isRemoved = removed === undefined ? undefined : `${source}.${this.column(removed)} IS NOT NULL`;
    const set = this.#others(this.fields).flatMap((field) =>
      quotedColumns(field).map((column) => {
        const newest = greatest.has(field.name) ? 'greatest' : 'coalesce';
        const joined = `${newest}(${source}.${column}, kept.${column})`;
        return isRemoved === undefined
          ? `${column} = ${joined}`
          : `${column} = CASE WHEN ${isRemoved} THEN ${source}.${column} ELSE ${joined} END`;
      }),
    );
    return set.join(', ');
  }

  remove(transaction: SqlTransaction, keys: readonly Key[]): Promise<unknown> {
    return transaction.query(this.#delete, [keys]);
  }

  #upsert(transaction: SqlTransaction, fields: readonly RowField[], rows: readonly Row[]): Promise<unknown> {
    const begun = this.fields.filter((field) => fields.includes(field) || field.initialValue !== undefined);
    const columns = this.columnList(begun);
    const others = this.#others(fields);
    const change = others.length === 0 ? 'NOTHING' : `UPDATE SET ${assignments(others, 'excluded')}`;
    return transaction.query(
      `INSERT INTO ${this.#table} (${columns}) SELECT ${columns} FROM ${this.#given} ON CONFLICT (${this.#key}) DO ${change}`,
      [this.#toJson(rows.map((row) => this.begun(row)))],
    );
  }

  /**
   * SQL has no statement that raises an error, so the statement casts the key of a missing row to a
   * number. Without a missing row, there is nothing to cast.
   */
  #update(transaction: SqlTransaction, fields: readonly RowField[], rows: readonly Row[]): Promise<unknown> {
    const others = this.#others(fields);
    const added = others.filter(({ name }) => isIncrement(rows[0]?.[name]));
    const initial = this.#rowOf(added.map((field) => [field.name, field.initialValue ?? null]));
    const set = others.flatMap((field) => assignmentsOf(field, rows[0]?.[field.name]));
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

  #others(fields: readonly RowField[]): readonly RowField[] {
    return fields.filter((field) => field !== this.key);
  }

  #groupedAlike(writes: readonly RowWrite[]): readonly Alike[] {
    const groups = new Map<string, Alike>();
    for (const write of writes) {
      if (write.kind === 'remove') continue;
      const names = Object.keys(write.given).sort();
      const shape = `${write.kind} ${names.map((name) => (isIncrement(write.given[name]) ? `+${name}` : name)).join(' ')}`;
      const group = groups.get(shape);
      if (group !== undefined) group.rows.push(write.given);
      else
        groups.set(shape, {
          kind: write.kind,
          fields: names.map((name) => this.field(name)),
          rows: [write.given],
        });
    }
    return [...groups.values()];
  }

  #toJson(rows: readonly Row[]): string {
    return JSON.stringify(rows.map((row) => this.#rowOf(Object.entries(row))));
  }

  /** Returns the values of the columns for the values of fields. */
  #rowOf(values: readonly (readonly [string, unknown])[]): Row {
    return Object.fromEntries(
      values
        .filter(([, value]) => value !== undefined)
        .flatMap(([name, value]) => columnValues(this.field(name), value)),
    );
  }
}

/** The bracket ends the key, since the quotation marks around the text depend on the language. */
const notFound = 'no row [';

function asRowNotFound(error: unknown): never {
  const message = error instanceof Error && 'code' in error && error.code === '22P02' ? error.message : '';
  const start = message.indexOf(notFound);
  if (start === -1) throw error;
  const key = message.slice(start + notFound.length, message.lastIndexOf(']'));
  throw new RowNotFound(key, { cause: error });
}
