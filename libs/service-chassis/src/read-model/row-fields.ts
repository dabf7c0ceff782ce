import { z } from 'zod';
import { Increment, isIncrement } from './increment.ts';

/**
 * The kind of a value, derived from its schema. It determines how a column is read, and which types
 * the column may have.
 */
export type ValueKind = 'uuid' | 'text' | 'instant' | 'integer' | 'number' | 'boolean' | 'json';

interface RowColumn {
  readonly name: string;
  readonly kind: ValueKind;
}

/** A field of a row and the columns that hold it: one column, or one for each part of an object. */
export interface RowField {
  readonly name: string;
  readonly columns: readonly RowColumn[];
  /** Names of the object's parts, parallel to their columns. Absent if the field is one column. */
  readonly parts?: readonly string[];
  /**
   * Whether the columns may be NULL. An optional field is then absent from the row, and a nullable
   * one is null.
   */
  readonly nullable: boolean;
  /** The value in a new row if no message gives the field; undefined if a message has to. */
  readonly initialValue: unknown;
  /** The field's value in a row whose columns are NULL. */
  readonly emptyValue: unknown;
}

/** Names of columns that differ from those of their fields, by `field` or `field.part`. */
export type ColumnNames = Readonly<Record<string, string>>;

/**
 * Derives the columns of a row's fields: `placedAt` becomes `placed_at`, the object
 * `total: { amount, currency }` becomes `total_amount` and `total_currency`, and an array becomes
 * one `jsonb` column.
 */
export function rowFields(shape: z.ZodRawShape, names: ColumnNames = {}): readonly RowField[] {
  const fields = Object.entries(shape).map(([name, schema]) => rowField(name, schema as z.ZodType, names));
  const paths = new Set(fields.flatMap(pathsOf));
  const unknown = Object.keys(names).find((path) => !paths.has(path));
  if (unknown !== undefined)
    throw new TypeError(`columns names ${unknown}, which is not a field or a part of one`);
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

/** Returns the value of each column for a field's value. `null` empties all of them. */
export function columnValues(
  { columns, parts }: RowField,
  value: unknown,
): readonly (readonly [string, unknown])[] {
  if (parts === undefined || value === null) return columns.map(({ name }) => [name, value]);
  const object = value as Readonly<Record<string, unknown>>;
  return columns.map(({ name }, index) => [name, object[parts[index]!]]);
}

/** Reads the field's value from a row of the driver. */
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

/**
 * Converts an integer, since the driver returns a `bigint` as text. Throws if it would lose digits.
 */
function safeInteger(value: unknown): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${String(value)} is too large for a safe integer`);
  return number;
}

/**
 * Returns the assignments of a field's columns. Increments are added to the present values. Columns
 * may be NULL in rows from before the field existed, and then begin with its initial value.
 */
export function assignmentsOf(field: RowField, value: unknown): readonly string[] {
  const adds = isIncrement(value);
  return columnValues(field, value).map(([name, part]) => {
    const column = quoted(name);
    if (!adds) return `${column} = given.${column}`;
    const present = `coalesce(present.${column}, initial.${column})`;
    return `${column} = ${present}${part instanceof Increment ? ` + given.${column}` : ''}`;
  });
}

export const assignments = (fields: readonly RowField[], source: string): string =>
  fields
    .flatMap(quotedColumns)
    .map((column) => `${column} = ${source}.${column}`)
    .join(', ');

export const quotedColumns = ({ columns }: RowField): readonly string[] =>
  columns.map(({ name }) => quoted(name));

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
