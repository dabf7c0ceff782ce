import type { Queryable } from '@millrace/streaming-core/postgres';
import type { z } from 'zod';
import { decodeCursor, pageFrom, type Page } from '../web/http/pagination.ts';
import type { ReadModel, ReadModelTable } from './read-model.ts';
import { quoted } from './row-fields.ts';
import type { Row } from './row-table.ts';

interface PageRequest<View> {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /**
   * Selects rows whose fields have these values. Undefined values are ignored. Only fields with one
   * column are allowed.
   */
  readonly where?: { readonly [Name in keyof View]?: View[Name] | undefined };
}

/** A read model as answers show it. */
export interface Views<View> {
  one(key: string): Promise<View | undefined>;
  /** Returns the rows with these keys. A key without a row is skipped. */
  some(keys: readonly string[]): Promise<readonly View[]>;
  /**
   * Returns a page in the declared order. The cursor is the position of the last row. A cursor that
   * this list never issued is a 400 that names `cursor`.
   */
  page(request: PageRequest<View>): Promise<Page<View>>;
}

/** A row of a read model as answers show it. */
export type ViewOf<Model> =
  Model extends ReadModel<infer Fields, string, infer Hidden>
    ? z.output<z.ZodObject<Omit<Fields, Hidden>>>
    : never;

/** Reads a read model from the database in which its projection maintains it. */
export const viewsOf = <Fields extends z.ZodRawShape, Key extends string, Hidden extends string>(
  readModel: ReadModel<Fields, Key, Hidden>,
  database: Queryable,
): Views<ViewOf<ReadModel<Fields, Key, Hidden>>> =>
  new TableViews(readModel, database) as unknown as Views<ViewOf<ReadModel<Fields, Key, Hidden>>>;

class TableViews implements Views<Row> {
  readonly #model: ReadModelTable;
  readonly #database: Queryable;
  readonly #select: string;

  constructor(model: ReadModelTable, database: Queryable) {
    const { rows, shownOnce } = model;
    this.#model = model;
    this.#database = database;
    const there = shownOnce === undefined ? '' : `${rows.column(shownOnce)} IS NOT NULL AND `;
    this.#select = `SELECT ${rows.columnList(rows.fields)} FROM ${quoted(rows.name)} WHERE ${there}`;
  }

  async one(key: string): Promise<Row | undefined> {
    return (await this.some([key]))[0];
  }

  async some(keys: readonly string[]): Promise<readonly Row[]> {
    const { rows } = this.#model;
    return this.#shown(await this.#rows(`${rows.column(rows.key.name)} = ANY ($1)`, [keys]));
  }

  async page({ limit, cursor, where = {} }: PageRequest<Row>): Promise<Page<Row>> {
    const { rows: table, order } = this.#model;
    const [direction, beyond] = order.descending ? ['DESC', '<'] : ['ASC', '>'];
    const columns = order.fields.map((name) => table.column(name));
    const filters = Object.entries(where).filter(([, value]) => value !== undefined);
    const values: unknown[] = [limit + 1];
    const parameter = (name: string, value: unknown) => `$${values.push(table.parameter(name, value))}`;
    const conditions = filters.map(([name, value]) => `${table.column(name)} = ${parameter(name, value)}`);
    const last = decodeCursor(cursor, order.position);
    if (last !== undefined) {
      const position = [last].flat().map((value, index) => parameter(order.fields[index]!, value));
      conditions.push(`(${columns.join(', ')}) ${beyond} (${position.join(', ')})`);
    }
    const sorted = columns.map((column) => `${column} ${direction}`).join(', ');
    const rows = await this.#rows(
      `${['TRUE', ...conditions].join(' AND ')} ORDER BY ${sorted} LIMIT $1`,
      values,
    );
    const { items, nextCursor } = pageFrom(rows, limit, (row) => order.positionOf(row));
    return { items: this.#shown(items), nextCursor };
  }

  async #rows(condition: string, values: readonly unknown[]): Promise<readonly Row[]> {
    const { rows } = await this.#database.query(this.#select + condition, values);
    return rows.map((row) => this.#model.rows.fromColumns(row));
  }

  #shown(rows: readonly Row[]): readonly Row[] {
    const { hidden } = this.#model;
    if (hidden.size === 0) return rows;
    return rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => !hidden.has(name))));
  }
}
