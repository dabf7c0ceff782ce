import { isRawJson, rawJson } from '@millrace/schema-registry/avro';
import type { ConnectSchema } from '../../record/connect-schema.ts';

/** A default in the form in which schemas of Avro have it: bytes are text, a character for each. */
export function jsonOfDefault(schema: ConnectSchema, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (schema.type) {
    case 'int64':
      return rawJson(String(value));
    case 'float32':
    case 'float64':
      return Number.isInteger(value) ? rawJson(`${String(value)}.0`) : value;
    case 'bytes':
      return Buffer.from(value as Uint8Array).toString('latin1');
    case 'array':
      return (value as readonly unknown[]).map((item) => jsonOfDefault(schema.items, item));
    case 'map': {
      const entries = [...(value as ReadonlyMap<unknown, unknown>)].map(
        ([key, each]) => [jsonOfDefault(schema.keys, key), jsonOfDefault(schema.values, each)] as const,
      );
      return hasTextKeys(schema) ? Object.fromEntries(entries) : entries;
    }
    case 'struct': {
      const struct = value as Readonly<Record<string, unknown>>;
      return Object.fromEntries(
        schema.fields.map((field) => [field.field, jsonOfDefault(field.schema, struct[field.field])]),
      );
    }
    default:
      return value;
  }
}

export function valueOfDefault(schema: ConnectSchema, json: unknown): unknown {
  if (json === null || json === undefined) return null;
  switch (schema.type) {
    case 'int64':
      return BigInt(numberText(json));
    case 'int8':
    case 'int16':
    case 'int32':
    case 'float32':
    case 'float64':
      return Number(numberText(json));
    case 'bytes':
      return Buffer.from(String(json), 'latin1');
    case 'array':
      return (json as readonly unknown[]).map((item) => valueOfDefault(schema.items, item));
    case 'map': {
      const entries = Array.isArray(json) ? (json as [unknown, unknown][]) : Object.entries(json);
      return new Map(
        entries.map(([key, each]) => [valueOfDefault(schema.keys, key), valueOfDefault(schema.values, each)]),
      );
    }
    case 'struct': {
      const struct = json as Readonly<Record<string, unknown>>;
      return Object.fromEntries(
        schema.fields.map((field) => [field.field, valueOfDefault(field.schema, struct[field.field])]),
      );
    }
    default:
      return json;
  }
}

/** Whether the map is a map in Avro, too, and not an array of entries. */
export const hasTextKeys = ({ keys }: { readonly keys: ConnectSchema }): boolean =>
  keys.type === 'string' && !keys.optional;

/** A parsed schema keeps a number that JavaScript would write differently as its text. */
const numberText = (json: unknown): string =>
  isRawJson(json) ? (json as { readonly rawJSON: string }).rawJSON : String(json);
