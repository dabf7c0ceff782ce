import { DefaultNamingStrategy, getMetadataArgsStorage, type ColumnOptions } from 'typeorm';

/** A class that TypeORM's decorators declare as the rows of one table. */
export type EntityClass<Row extends object = object> = new () => Row;

/** A whole number. The driver returns a `bigint` as text, and this throws if digits would be lost. */
export const integer = {
  type: 'bigint',
  transformer: { to: (value: unknown) => value, from: safeInteger },
} as const satisfies ColumnOptions;

/**
 * A moment as text in ISO 8601, UTC. It is passed as a date, because PostgreSQL cannot read every
 * year in ISO 8601 and the driver writes those in another form.
 */
export const instant = {
  type: 'timestamptz',
  transformer: {
    to: (value: string | null | undefined) => (typeof value === 'string' ? new Date(value) : value),
    from: (value: Date | null) => value?.toISOString() ?? null,
  },
} as const satisfies ColumnOptions;

export interface RowColumn {
  /** The entity's property. */
  readonly property: string;
  readonly name: string;
  /** The type as PostgreSQL writes it, such as `bigint`. */
  readonly type: string;
  readonly isKey: boolean;
  readonly nullable: boolean;
  /** The value in a new row if no message gives the property; undefined if a message has to. */
  readonly initialValue: unknown;
  /** Converts a value of the driver. */
  readonly read: (value: unknown) => unknown;
}

/** The table that an entity declares. */
export interface EntityTable {
  readonly name: string;
  readonly columns: readonly RowColumn[];
}

/** TypeORM's names for the columns of `placedAt`, which is `placed_at`. Every data source uses it. */
export const snakeCaseNames = Object.assign(new DefaultNamingStrategy(), {
  columnName: (property: string, name: string | undefined) => name ?? snakeCase(property),
});

const fullNames: Readonly<Record<string, string>> = { timestamptz: 'timestamp with time zone' };

/** Reads the decorators of an entity. Throws if there is no table name or not exactly one key. */
export function entityTable(entity: EntityClass): EntityTable {
  const storage = getMetadataArgsStorage();
  const name = storage.tables.find(({ target }) => target === entity)?.name;
  const columns = storage.columns
    .filter(({ target }) => isOf(entity, target))
    .map(({ propertyName, options }) => columnOf(propertyName, options));
  if (name === undefined || columns.filter(({ isKey }) => isKey).length !== 1)
    throw new TypeError(`${entity.name} needs @Entity('name_of_the_table') and one @PrimaryColumn`);
  return { name, columns };
}

/** Whether the class that has a decorator is the entity or one that it extends. */
const isOf = (entity: EntityClass, target: unknown): boolean =>
  target === entity || (typeof target === 'function' && entity.prototype instanceof target);

function columnOf(property: string, options: ColumnOptions): RowColumn {
  const { transformer, default: initialValue } = options;
  const type = String(options.type);
  return {
    property,
    name: options.name ?? snakeCase(property),
    type: fullNames[type] ?? type,
    isKey: options.primary === true,
    nullable: options.nullable === true,
    initialValue,
    read: (value) =>
      transformer === undefined || Array.isArray(transformer) ? value : transformer.from(value),
  };
}

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function safeInteger(value: string | number | null): number | null {
  if (value === null) return null;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is too large for a safe integer`);
  return number;
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

type NullableIn<Row> = { [Name in keyof Row]: null extends Row[Name] ? Name : never }[keyof Row];

/** A row as answers show it: a property that is NULL is absent. */
export type Shown<Row> = Omit<Row, NullableIn<Row>> & {
  [Name in NullableIn<Row>]?: NonNullable<Row[Name]>;
};

/** Leaves out the properties of a row that are NULL, so that an answer does not show them. */
export const shown = <Row extends object>(row: Row): Shown<Row> =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as Shown<Row>;
