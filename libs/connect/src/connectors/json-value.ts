import type { ConnectSchema } from '../record/connect-schema.ts';
import type { Data } from '../record/records.ts';
import { logicalTypeOf } from './logical-types.ts';

/**
 * Returns the value as plain JSON that people and other programs can read. Dates and decimals become text and
 * bytes become base64. Integers beyond 2^53 become text too, so that nothing is rounded.
 */
export function jsonValue({ schema, value }: Data): unknown {
  if (value === null || value === undefined) return null;
  if (schema === undefined) return plain(value);
  const logical = logicalTypeOf(schema);
  if (logical === undefined) return structured(schema, value);
  const text = logical.text(value, schema);
  return logical.sql === 'jsonb' ? (JSON.parse(text) as unknown) : text;
}

function structured(schema: ConnectSchema, value: unknown): unknown {
  switch (schema.type) {
    case 'struct':
      return Object.fromEntries(
        schema.fields.map(({ field, schema: each }) => [
          field,
          jsonValue({ schema: each, value: (value as Readonly<Record<string, unknown>>)[field] }),
        ]),
      );
    case 'array':
      return (value as readonly unknown[]).map((item) => jsonValue({ schema: schema.items, value: item }));
    case 'map':
      return Object.fromEntries(
        [...(value as ReadonlyMap<unknown, unknown>)].map(([key, each]) => [
          String(key),
          jsonValue({ schema: schema.values, value: each }),
        ]),
      );
    default:
      return plain(value);
  }
}

/** JSON without a schema may have integers of any size. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return exactNumber(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)]));
}

const exactNumber = (value: bigint): number | string =>
  BigInt.asIntN(54, value) === value ? Number(value) : String(value);

/** Returns a key or value as text: a string as it is, and everything else as JSON. */
export function textOf(data: Data): string {
  const value = jsonValue(data);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
