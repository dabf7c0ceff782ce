import { DataError } from '../record/data-error.ts';
import { fieldIn, isObject, setField } from '../record/fields.ts';
import type { ConnectSchema, StructSchema } from '../record/connect-schema.ts';
import { decimalText, isDecimal, unscaledOf } from './decimal.ts';
import { remembered } from './converter.ts';

/** How values with a schema look in JSON. */
export interface JsonForm {
  /** Whether decimals are numbers, instead of their unscaled bytes in base64. */
  readonly numericDecimals: boolean;
  readonly nullBecomesDefault: boolean;
}

type Write = (value: unknown) => string;
type Read = (json: unknown) => unknown;

/** Compiles a schema into a function that writes JSON text. */
function jsonWriter(schema: ConnectSchema, form: JsonForm, path = 'value'): Write {
  const write = presentWriter(schema, form, path);
  const hasDefault = form.nullBecomesDefault && schema.default != null;
  const whenAbsent = hasDefault ? write(schema.default) : 'null';
  const mayBeAbsent = hasDefault || schema.optional;
  return (value) => {
    if (value !== null && value !== undefined) return write(value);
    if (mayBeAbsent) return whenAbsent;
    throw new DataError(
      `Conversion error: null value for field that is required and has no default value: ${path}`,
    );
  };
}

function presentWriter(schema: ConnectSchema, form: JsonForm, path: string): Write {
  switch (schema.type) {
    case 'string':
      return repeating((value) => JSON.stringify(checked(value, 'string', schema, path)));
    case 'boolean':
      return (value) => String(checked(value, 'boolean', schema, path));
    case 'int64':
      return repeating((value) => String(checked(value, 'bigint', schema, path)));
    case 'int8':
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64':
      return (value) => numberText(checked(value, 'number', schema, path) as number);
    case 'bytes':
      if (isDecimal(schema) && form.numericDecimals)
        return (value) => decimalText(schema, bufferOf(value, path));
      return (value) => `"${bufferOf(value, path).toString('base64')}"`;
    case 'array': {
      const item = jsonWriter(schema.items, form, `${path}[]`);
      return (value) => `[${listOf(value, path).map(item).join(',')}]`;
    }
    case 'map': {
      const key = jsonWriter(schema.keys, form, `${path} key`);
      const inner = jsonWriter(schema.values, form, `${path} entry`);
      const isJsonObject = schema.keys.type === 'string';
      return (value) => {
        const entries = [...mapOf(value, path)];
        return isJsonObject
          ? `{${entries.map(([name, one]) => `${key(name)}:${inner(one)}`).join(',')}}`
          : `[${entries.map(([name, one]) => `[${key(name)},${inner(one)}]`).join(',')}]`;
      };
    }
    case 'struct':
      return structWriter(schema, form, path);
  }
}

const repeatedCharactersMax = 100;

/** Writes a value that comes again at once, such as the name of a table, only the first time. */
function repeating(write: Write): Write {
  let last: unknown;
  let lastText = '';
  return (value) => {
    if (value === last) return lastText;
    const text = write(value);
    if (text.length > repeatedCharactersMax) return text;
    last = value;
    return (lastText = text);
  };
}

function structWriter(schema: StructSchema, form: JsonForm, path: string): Write {
  const fields = schema.fields.map(({ field, schema: inner }, index) => ({
    field,
    before: `${index === 0 ? '{' : ','}${JSON.stringify(field)}:`,
    write: jsonWriter(inner, form, `${path}.${field}`),
  }));
  return (value) => {
    const struct = structOf(value, path);
    let text = fields.length === 0 ? '{' : '';
    for (const { field, before, write } of fields) text += before + write(fieldIn(struct, field));
    return `${text}}`;
  };
}

/** Compiles a schema into a function that turns parsed JSON into values. */
function jsonReader(schema: ConnectSchema, form: JsonForm, path = 'value'): Read {
  const read = presentReader(schema, form, path);
  return (json) => {
    if (json !== null && json !== undefined) return read(json);
    if (form.nullBecomesDefault && schema.default != null) return schema.default;
    if (schema.optional) return null;
    throw new DataError(`Invalid null value for required ${schema.type} field ${path}`);
  };
}

function presentReader(schema: ConnectSchema, form: JsonForm, path: string): Read {
  switch (schema.type) {
    case 'string':
    case 'boolean':
      return (json) => checked(json, schema.type, schema, path);
    case 'int64': {
      const read = integerReader(64, path);
      return (json) => BigInt(read(json));
    }
    case 'int8':
    case 'int16':
    case 'int32':
      return integerReader(Number(schema.type.slice('int'.length)), path);
    case 'float32':
    case 'float64':
      return (json) =>
        typeof json === 'string' || typeof json === 'bigint'
          ? Number(json)
          : checked(json, 'number', schema, path);
    case 'bytes':
      return (json) =>
        isDecimal(schema) && typeof json !== 'string'
          ? unscaledOf(schema, String(json))
          : Buffer.from(checked(json, 'string', schema, path) as string, 'base64');
    case 'array': {
      const item = jsonReader(schema.items, form, `${path}[]`);
      return (json) => listOf(json, path).map(item);
    }
    case 'map': {
      const key = jsonReader(schema.keys, form, `${path} key`);
      const inner = jsonReader(schema.values, form, `${path} entry`);
      return (json) => {
        const entries = Array.isArray(json)
          ? (json as [unknown, unknown][])
          : Object.entries(structOf(json, path));
        return new Map(entries.map(([name, one]) => [key(name), inner(one)]));
      };
    }
    case 'struct': {
      const fields = schema.fields.map(({ field, schema: inner }) => ({
        field,
        read: jsonReader(inner, form, `${path}.${field}`),
      }));
      return (json) => {
        const given = structOf(json, path);
        const struct: Record<string, unknown> = {};
        for (const { field, read } of fields) setField(struct, field, read(fieldIn(given, field)));
        return struct;
      };
    }
  }
}

const exactForm: JsonForm = { numericDecimals: false, nullBecomesDefault: true };

export const jsonOfDefault = (schema: ConnectSchema): unknown =>
  JSON.parse(jsonWriter(schema, exactForm)(schema.default));

export const valueOfDefault = (schema: ConnectSchema, json: unknown): unknown =>
  jsonReader(schema, exactForm)(json);

/** Compiles writers and readers once per schema. */
export const jsonWriters = (form: JsonForm) =>
  remembered((schema: ConnectSchema) => jsonWriter(schema, form));
export const jsonReaders = (form: JsonForm) =>
  remembered((schema: ConnectSchema) => jsonReader(schema, form));

/**
 * Writes a value without a schema. It differs from `JSON.stringify` in that it takes bigints, bytes and maps.
 */
export function plainJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (value === undefined) return 'null';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`;
  if (Array.isArray(value)) return `[${value.map(plainJson).join(',')}]`;
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  return `{${entries.map(([name, one]) => `${JSON.stringify(String(name))}:${plainJson(one)}`).join(',')}}`;
}

/** Parses JSON. Integers beyond 2^53 become bigints, so that they stay exact. */
export const parseExactly = (text: string): unknown =>
  mayBeUnsafe.test(text)
    ? JSON.parse(text, keepInteger as (key: string, value: unknown) => unknown)
    : JSON.parse(text);

const mayBeUnsafe = /[1-9]\d{16}|9\d{15}/;

const keepInteger = (_key: string, value: unknown, context: { readonly source?: string }): unknown =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context.source ?? '')
    ? BigInt(context.source!)
    : value;

const numberText = (value: number): string => (Number.isFinite(value) ? String(value) : `"${value}"`);

function checked(value: unknown, type: string, schema: ConnectSchema, path: string): unknown {
  if (typeof value === type) return value;
  throw new DataError(`Invalid type for ${schema.type}: ${path} is ${describe(value)}`);
}

/** Refuses an integer that needs more bits. Kafka's converter would cut off the upper ones. */
function integerReader(bits: number, path: string): (json: unknown) => number | bigint {
  const limit = 2 ** (bits - 1);
  return (json) => {
    const value = json as number | bigint;
    if ((typeof value === 'bigint' || Number.isInteger(value)) && value >= -limit && value < limit)
      return value;
    throw new DataError(`Invalid value for int${bits}: ${path} is ${describe(json)}`);
  };
}

function bufferOf(value: unknown, path: string): Buffer {
  if (value instanceof Uint8Array) return Buffer.isBuffer(value) ? value : Buffer.from(value);
  throw new DataError(`Invalid type for bytes: ${path} is ${describe(value)}`);
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new DataError(`Invalid type for array: ${path} is ${describe(value)}`);
}

function mapOf(value: unknown, path: string): ReadonlyMap<unknown, unknown> {
  if (value instanceof Map) return value;
  throw new DataError(`Invalid type for map: ${path} is ${describe(value)}`);
}

function structOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  throw new DataError(`Invalid type for struct: ${path} is ${describe(value)}`);
}

const describe = (value: unknown): string => {
  const text = typeof value === 'object' ? plainJson(value) : String(value);
  return `${typeof value} ${text.length > 100 ? `${text.slice(0, 100)}...` : text}`;
};
