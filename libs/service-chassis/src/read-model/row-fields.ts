import { z } from 'zod';

/**
 * What a value is, as its schema says. It decides how a column is read, and which types the column
 * may have.
 */
export type ValueKind = 'uuid' | 'text' | 'instant' | 'integer' | 'number' | 'boolean' | 'json';

export interface RowColumn {
  readonly name: string;
  readonly kind: ValueKind;
}

/** A field of a row with the columns that hold it: one, or one for each part of an object. */
export interface RowField {
  readonly name: string;
  readonly columns: readonly RowColumn[];
  /** Names of the object's parts, beside their columns; absent where the field is one column. */
  readonly parts?: readonly string[];
  /**
   * An optional field is absent from the row while its columns are NULL, and a nullable one is
   * null.
   */
  readonly nullable: boolean;
  /** What a new row begins with where no message gives the field; undefined where one has to. */
  readonly initialValue: unknown;
  /** What the field is in a row whose columns are NULL. */
  readonly emptyValue: unknown;
}

/** Names of columns that differ from those of their fields, by `field` or `field.part`. */
export type ColumnNames = Readonly<Record<string, string>>;

/**
 * The columns of a row's fields: `placedAt` is `placed_at`, the object `total: { amount, currency
 * }` is `total_amount` and `total_currency`, and an array is one `jsonb` column.
 */
export function rowFields(shape: z.ZodRawShape, names: ColumnNames = {}): readonly RowField[] {
  const fields = Object.entries(shape).map(([name, schema]) => rowField(name, schema as z.ZodType, names));
  const paths = new Set(fields.flatMap(pathsOf));
  const unknown = Object.keys(names).find((path) => !paths.has(path));
  if (unknown !== undefined) throw new TypeError(`no column belongs to ${unknown}`);
  return fields;
}

function rowField(name: string, schema: z.ZodType, names: ColumnNames): RowField {
  const { inner, nullable, initialValue, emptyValue } = unwrapped(schema);
  const columnName = (path: string) => names[path] ?? path.split('.').map(snakeCase).join('_');
  const common = { name, nullable, initialValue, emptyValue };
  if (!(inner instanceof z.ZodObject))
    return { ...common, columns: [{ name: columnName(name), kind: kindOf(inner) }] };
  const parts = Object.keys(inner.shape);
  const columns = parts.map((part) => ({
    name: columnName(`${name}.${part}`),
    kind: kindOf(inner.shape[part] as z.ZodType),
  }));
  return { ...common, columns, parts };
}

const pathsOf = ({ name, parts }: RowField): readonly string[] =>
  parts === undefined ? [name] : parts.map((part) => `${name}.${part}`);

interface Unwrapped extends Pick<RowField, 'nullable' | 'initialValue' | 'emptyValue'> {
  readonly inner: z.ZodType;
}

function unwrapped(schema: z.ZodType): Unwrapped {
  if (schema instanceof z.ZodOptional)
    return { ...unwrapped(schema.unwrap() as z.ZodType), nullable: true, emptyValue: undefined };
  if (schema instanceof z.ZodNullable)
    return { ...unwrapped(schema.unwrap() as z.ZodType), nullable: true, emptyValue: null };
  if (schema instanceof z.ZodDefault) {
    const value = schema.def.defaultValue;
    return { ...unwrapped(schema.unwrap() as z.ZodType), initialValue: value, emptyValue: value };
  }
  return { inner: schema, nullable: false, initialValue: undefined, emptyValue: undefined };
}

const simpleKinds: Readonly<Record<string, ValueKind>> = {
  string: 'text',
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
};
const kindsByFormat: Readonly<Record<string, ValueKind>> = { uuid: 'uuid', 'date-time': 'instant' };

function kindOf(schema: z.ZodType): ValueKind {
  const { type, format } = z.toJSONSchema(schema, { io: 'output' });
  return kindsByFormat[format ?? ''] ?? simpleKinds[String(type)] ?? 'json';
}

const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The value of each column for a field's value; `null` empties them all. */
export function columnValues(
  { columns, parts }: RowField,
  value: unknown,
): readonly (readonly [string, unknown])[] {
  if (parts === undefined || value === null) return columns.map(({ name }) => [name, value]);
  const object = value as Readonly<Record<string, unknown>>;
  return columns.map(({ name }, index) => [name, object[parts[index]!]]);
}

/** The field's value in a row as the driver gives it. */
export function fieldValue(
  { columns, parts, emptyValue }: RowField,
  row: Readonly<Record<string, unknown>>,
): unknown {
  if (columns.every(({ name }) => row[name] === null)) return emptyValue;
  const values = columns.map(({ name, kind }) => read(kind, row[name]));
  if (parts === undefined) return values[0];
  return Object.fromEntries(parts.map((part, index) => [part, values[index]]));
}

function read(kind: ValueKind, value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (kind === 'integer') return safeInteger(value);
  if (kind === 'number') return Number(value);
  return value;
}

/** The driver gives a `bigint` as text. Refuses one that would lose digits. */
function safeInteger(value: unknown): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${String(value)} is beyond the safe integers`);
  return number;
}
