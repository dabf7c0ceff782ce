import type { ConnectSchema, PrimitiveType } from '../../record/connect-schema.ts';
import { jsonValue } from '../json-value.ts';
import { logicalTypeOf } from '../logical-types.ts';

/** How PostgreSQL represents the values of a schema: the type of a new column, and the text of a value. */
export interface SqlValues {
  readonly type: string;
  readonly text: (value: unknown) => string;
}

/** The types that Confluent's sink chooses for PostgreSQL. */
const primitives: Readonly<Record<PrimitiveType, string>> = {
  int8: 'smallint',
  int16: 'smallint',
  int32: 'integer',
  int64: 'bigint',
  float32: 'real',
  float64: 'double precision',
  boolean: 'boolean',
  string: 'text',
  bytes: 'bytea',
};

export function sqlValuesOf(schema: ConnectSchema): SqlValues {
  const logical = logicalTypeOf(schema);
  if (logical !== undefined) return { type: logical.sql, text: (value) => logical.text(value, schema) };
  switch (schema.type) {
    case 'struct':
    case 'map':
      return jsonOf(schema);
    case 'array': {
      const items = sqlValuesOf(schema.items);
      // An array of arrays or of structs has no plain type in PostgreSQL.
      if (schema.items.type === 'array' || items.type === 'jsonb') return jsonOf(schema);
      const textOfItem = (item: unknown) => (item === null || item === undefined ? null : items.text(item));
      return {
        type: `${items.type}[]`,
        text: (value) => arrayText((value as readonly unknown[]).map(textOfItem)),
      };
    }
    case 'bytes':
      return { type: 'bytea', text: (value) => `\\x${(value as Buffer).toString('hex')}` };
    default:
      return { type: primitives[schema.type], text: String };
  }
}

const jsonOf = (schema: ConnectSchema): SqlValues => ({
  type: 'jsonb',
  text: (value) => JSON.stringify(jsonValue({ schema, value })),
});

/** An array as PostgreSQL reads it: https://www.postgresql.org/docs/18/arrays.html#ARRAYS-IO */
export const arrayText = (texts: ReadonlyArray<string | null>): string =>
  `{${texts.map((text) => (text === null ? 'NULL' : `"${toEscape.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`)).join(',')}}`;

const toEscape = /["\\]/;

/** The types of columns that values without a schema get. */
export type JsonType = 'bigint' | 'double precision' | 'boolean' | 'text' | 'jsonb';

export function jsonTypeOf(value: unknown): JsonType {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? 'bigint' : 'double precision';
    case 'bigint':
      return 'bigint';
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'text';
    default:
      return 'jsonb';
  }
}

/** Returns a type that can hold both. Numbers stay numbers, and any other mix becomes text or JSON. */
export function jsonTypeOfBoth(one: JsonType, other: JsonType): JsonType {
  if (one === other) return one;
  const both = new Set([one, other]);
  if (both.has('jsonb')) return 'jsonb';
  return both.has('bigint') && both.has('double precision') ? 'double precision' : 'text';
}

/** Returns the text of a value without a schema, for a column of this type. */
export function jsonCell(value: unknown, columnType: string): string | null {
  if (value === null || value === undefined) return null;
  if (columnType === 'jsonb' || columnType === 'json') return JSON.stringify(jsonValue({ value }));
  return typeof value === 'object' ? JSON.stringify(jsonValue({ value })) : String(value as string | number);
}
