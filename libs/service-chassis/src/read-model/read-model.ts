import { z } from 'zod';
import type { IncrementOf } from './increment.ts';
import type { ColumnNames } from './row-fields.ts';
import { RowTable, type Row } from './row-table.ts';

export interface ReadModelOptions<Fields extends z.ZodRawShape, Key extends string, Hidden extends string> {
  readonly table: string;
  /** The field that is the table's primary key. */
  readonly key: Key & keyof Fields;
  /**
   * The fields of a row and their schemas. Columns, types, the view and its description in the
   * OpenAPI document follow from them. An optional field is absent while its column is NULL.
   * `.default(0)` is the value in a new row if no message gives the field.
   */
  readonly fields: Fields;
  /** Names of columns that differ from those of their fields, by `field` or `field.part`. */
  readonly columns?: ColumnNames;
  /** Fields that no answer shows. */
  readonly hidden?: readonly (Hidden & keyof Fields)[];
  /** Lists start with the greatest value of this field. By default they ascend by the key. */
  readonly newestFirst?: keyof Fields & string;
  /** Options for rows that several topics write, in any order. */
  readonly joined?: {
    /** A row is shown once it has this field. */
    readonly shownOnce: keyof Fields & string;
    /**
     * Fields that never decrease, such as versions and times. A late message does not change them.
     */
    readonly greatest?: readonly (keyof Fields & string)[];
    /**
     * An optional field for the time at which a row was removed. Such a row keeps only its key and
     * this time, is never shown, and no late message of another topic changes it.
     */
    readonly removed?: keyof Fields & string;
  };
}

/** The order in which rows are listed, and the position of a row in it. */
interface RowOrder {
  readonly fields: readonly string[];
  readonly descending: boolean;
  /** Schema of a row's position. */
  readonly position: z.ZodType;
  positionOf(row: Row): unknown;
}

/** The parts of a read model that do not depend on the type of its rows. */
export interface ReadModelTable {
  readonly rows: RowTable;
  readonly order: RowOrder;
  readonly hidden: ReadonlySet<string>;
  readonly shownOnce: string | undefined;
  readonly greatest: ReadonlySet<string>;
  readonly removed: string | undefined;
}

/**
 * A read model: the rows of one table, and how they are shown. Projections maintain it with one
 * function per message.
 */
export interface ReadModel<
  Fields extends z.ZodRawShape = z.ZodRawShape,
  Key extends string = string,
  Hidden extends string = string,
> extends ReadModelTable {
  readonly key: Key;
  readonly fields: Fields;
  /** Schema of a row as answers show it. */
  readonly view: z.ZodObject<Omit<Fields, Hidden>>;
}

/** The row of a read model, including the fields that answers do not show. */
export type RowOf<Fields extends z.ZodRawShape> = z.output<z.ZodObject<Fields>>;

/**
 * Fields that a message changes. A field that is absent or undefined keeps its value; null empties
 * an optional field. An increment adds to a number.
 */
export type Change<Row, Key extends string> = {
  readonly [Name in Exclude<keyof Row, Key>]?:
    Row[Name] | IncrementOf<Row[Name]> | (undefined extends Row[Name] ? null : never);
};

/**
 * The time of a message, and the version of its stream after it. Messages from releases that did
 * not send versions have none.
 */
export interface MessageStamp {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly version?: number | undefined;
}

/** The stamp of an event in its own service, which always has a version. */
export interface EventStamp extends MessageStamp {
  readonly version: number;
}

/**
 * Declares a read model. A migration creates its table, and the service compares the table with the
 * declaration when it starts.
 */
export function readModel<
  const Fields extends z.ZodRawShape,
  const Key extends string,
  const Hidden extends string = never,
>({
  table,
  key,
  fields,
  columns,
  hidden = [],
  newestFirst,
  joined,
}: ReadModelOptions<Fields, Key, Hidden>): ReadModel<Fields, Key, Hidden> {
  const rows = new RowTable({ table, key, fields, columns });
  const notShown = new Set<string>(hidden);
  const shown = Object.entries(fields).filter(([name]) => !notShown.has(name));
  return Object.freeze({
    key,
    fields,
    rows,
    view: z.object(Object.fromEntries(shown)) as unknown as z.ZodObject<Omit<Fields, Hidden>>,
    order: newestFirst === undefined ? upwards(key, fields) : downwards([newestFirst, key], fields),
    hidden: notShown,
    shownOnce: joined?.shownOnce,
    greatest: new Set<string>(joined?.greatest),
    removed: joined?.removed,
  });
}

const upwards = (key: string, fields: z.ZodRawShape): RowOrder => ({
  fields: [key],
  descending: false,
  position: fields[key] as z.ZodType,
  positionOf: (row) => row[key],
});

/** Lists the greatest values first. Rows with the same value are ordered by their keys. */
const downwards = (names: readonly [string, string], fields: z.ZodRawShape): RowOrder => ({
  fields: names,
  descending: true,
  position: z.tuple([fields[names[0]] as z.ZodType, fields[names[1]] as z.ZodType]),
  positionOf: (row) => names.map((name) => row[name]),
});
