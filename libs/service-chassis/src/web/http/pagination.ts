import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { z } from 'zod';
import { refusal } from '../problems/problem.ts';

export { pageOf, pageQuery } from '@millrace/operations/contract';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** An opaque cursor, or null on the last page. */
  readonly nextCursor: string | null;
}

/** Encodes the position after a row as opaque text, so that its form may change. */
export const encodeCursor = (position: unknown): string =>
  Buffer.from(JSON.stringify(position), 'utf8').toString('base64url');

/**
 * Decodes a cursor to a position of the given shape. A cursor that this service never issued is a
 * 400 that names the field.
 */
export function decodeCursor<Position>(
  cursor: string | undefined,
  shape: z.ZodType<Position>,
  field = 'cursor',
): Position | undefined {
  if (cursor === undefined) return undefined;
  const position = shape.safeParse(parsed(cursor));
  if (position.success) return position.data;
  throw refusal('invalid_request', {
    errors: [{ field, message: 'is not a cursor of this list' }],
  });
}

/**
 * Builds a page from rows that were read with `limit + 1`. The extra row only shows that there are
 * more.
 */
export function pageFrom<Item>(
  rows: readonly Item[],
  limit: number,
  positionOf: (item: Item) => unknown,
): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(positionOf(last)) : null,
  };
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

export interface PageOptions<Row> {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** The properties that rows are ordered by. Together they are unique. */
  readonly by: readonly (keyof Row & string)[];
  readonly order: 'ASC' | 'DESC';
  /** Schema of a row's position: the value of the property, or the values of several in an array. */
  readonly position: z.ZodType;
}

/**
 * Reads a page of the rows that a query selects. The cursor is the position of the last row, so that
 * rows which come or go meanwhile move no other row. A cursor that this list never issued is a 400.
 */
export async function readPage<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  { limit, cursor, by, order, position }: PageOptions<Row>,
): Promise<Page<Row>> {
  const columns = by.map((property) => `${query.alias}.${property}`);
  const after = decodeCursor(cursor, position);
  if (after !== undefined) {
    const parameters = [after].flat().map((value, index) => [`after${index}`, value] as const);
    const names = parameters.map(([name]) => `:${name}`).join(', ');
    const beyond = order === 'ASC' ? '>' : '<';
    query.andWhere(`(${columns.join(', ')}) ${beyond} (${names})`, Object.fromEntries(parameters));
  }
  for (const column of columns) query.addOrderBy(column, order);
  const positionOf = (row: Row): unknown => {
    const values = by.map((property) => row[property] as unknown);
    return values.length === 1 ? values[0] : values;
  };
  return pageFrom(await query.limit(limit + 1).getMany(), limit, positionOf);
}
