import { z } from 'zod';
import type { ColumnNames } from './row-fields.ts';
import { RowTable, type Row } from './row-table.ts';

export interface ReadModelOptions<Fields extends z.ZodRawShape, Key extends string, Hidden extends string> {
  readonly table: string;
  /** The field that is the table's primary key. */
  readonly key: Key & keyof Fields;
  /**
   * What a row consists of, in the words of its schema: columns, types, the view and its
   * description in the OpenAPI document follow from it. An optional field is absent while its
   * column is NULL; `.default(0)` is what a new row begins with where no message gives the field.
   */
  readonly fields: Fields;
  /** Names of columns that differ from those of their fields, by `field` or `field.part`. */
  readonly columns?: ColumnNames;
  /** Fields that no answer shows. */
  readonly hidden?: readonly (Hidden & keyof Fields)[];
  /** Lists begin with the greatest value of this field; by default they go up by the key. */
  readonly newestFirst?: keyof Fields & string;
  /** For rows that several topics write, in any order. */
  readonly joined?: {
    /** A row is shown once this field is there. */
    readonly shownOnce: keyof Fields & string;
    /**
     * Fields that never go back, such as versions and times: a message that comes late leaves them
     * as they are.
     */
    readonly greatest?: readonly (keyof Fields & string)[];
  };
}

/** In which order rows are listed, and where in it a row stands. */
export interface RowOrder {
  readonly fields: readonly string[];
  readonly descending: boolean;
  /** Schema of a row's position. */
  readonly position: z.ZodType;
  positionOf(row: Row): unknown;
}

/** What is read and written of a read model, whatever its rows are. */
export interface ReadModelTable {
  readonly rows: RowTable;
  readonly order: RowOrder;
  readonly hidden: ReadonlySet<string>;
  readonly shownOnce: string | undefined;
  readonly greatest: ReadonlySet<string>;
}

/**
 * A read model: rows of one table, and how they are shown. Projections keep it, by a function per
 * message.
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

/** The row of a read model, with what answers do not show. */
export type RowOf<Fields extends z.ZodRawShape> = z.output<z.ZodObject<Fields>>;

/**
 * Fields that a message gives. What it leaves out, or gives as undefined, stays as it is; null
 * empties an optional field.
 */
export type Change<Row, Key extends string> = {
  readonly [Name in Exclude<keyof Row, Key>]?: Row[Name] | (undefined extends Row[Name] ? null : never);
};

/**
 * When a message was written, and to which version it brought its stream: absent from messages of
 * before versions were told.
 */
export interface MessageStamp {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly version?: number | undefined;
}

/** The same of an event in its own service, which always has a version. */
export interface EventStamp extends MessageStamp {
  readonly version: number;
}

/**
 * Declares a read model, once. Its table is made by a migration, which is compared with the
 * declaration when the service starts.
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
  });
}

const upwards = (key: string, fields: z.ZodRawShape): RowOrder => ({
  fields: [key],
  descending: false,
  position: fields[key] as z.ZodType,
  positionOf: (row) => row[key],
});

/** The key decides between rows of the same moment. */
const downwards = (names: readonly [string, string], fields: z.ZodRawShape): RowOrder => ({
  fields: names,
  descending: true,
  position: z.tuple([fields[names[0]] as z.ZodType, fields[names[1]] as z.ZodType]),
  positionOf: (row) => names.map((name) => row[name]),
});
