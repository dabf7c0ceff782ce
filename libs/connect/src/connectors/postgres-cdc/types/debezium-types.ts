import type { PrimitiveType } from '../../../record/connect-schema.ts';
import type { CaptureSettings } from '../settings.ts';
import type { ColumnType } from './column-type.ts';
import type { DatabaseType, DatabaseTypes } from './database-types.ts';
import { decimalType, geometricPoint, moneyType } from './decimal-types.ts';
import { intervalType, temporalTypes } from './temporal-types.ts';
import { parseArray } from './text-array.ts';

export type ValueSettings = Pick<CaptureSettings, 'decimals' | 'times' | 'intervals'>;

const primitive = (
  type: PrimitiveType,
  parse: (text: string) => unknown,
  zero: unknown,
  name?: string,
): ColumnType => ({
  schema: { type, optional: false, ...(name !== undefined && { name, version: 1 }) },
  parse,
  zero,
});

const asText = (text: string): string => text;
const text = (name?: string): ColumnType => primitive('string', asText, '', name);

const plainTypes: Readonly<Record<string, ColumnType>> = {
  bool: primitive('boolean', (value) => value === 't', false),
  int2: primitive('int16', Number, 0),
  int4: primitive('int32', Number, 0),
  int8: primitive('int64', BigInt, 0n),
  oid: primitive('int64', BigInt, 0n),
  float4: primitive('float32', Number, 0),
  float8: primitive('float64', Number, 0),
  bytea: primitive('bytes', (value) => Buffer.from(value.slice(2), 'hex'), Buffer.alloc(0)),
  uuid: text('io.debezium.data.Uuid'),
  json: text('io.debezium.data.Json'),
  jsonb: text('io.debezium.data.Json'),
  xml: text('io.debezium.data.Xml'),
  tsvector: text('io.debezium.data.Tsvector'),
  ltree: text('io.debezium.data.Ltree'),
  hstore: primitive('string', hstoreAsJson, '{}', 'io.debezium.data.Json'),
};

const textTypes: ReadonlySet<string> = new Set(
  (
    'text varchar bpchar char name citext inet cidr macaddr macaddr8 ' +
    'int4range int8range numrange tsrange tstzrange daterange'
  ).split(' '),
);

/**
 * Returns how Debezium represents a type of PostgreSQL, or undefined for a type that it leaves out
 * too. https://debezium.io/documentation/reference/3.5/connectors/postgresql.html#postgresql-data-types
 */
export function columnType(
  oid: number,
  modifier: number,
  types: DatabaseTypes,
  settings: ValueSettings,
): ColumnType | undefined {
  const type = types.get(oid);
  if (type === undefined) return undefined;
  if (type.kind === 'd') return columnType(type.base, type.modifier, types, settings);
  if (type.kind === 'e') return enumType(type);
  if (type.element !== 0 && type.category === 'A') return arrayType(type, modifier, types, settings);
  return (
    plainTypes[type.name] ??
    (textTypes.has(type.name) ? text() : undefined) ??
    parametricType(type.name, modifier, settings)
  );
}

function parametricType(name: string, modifier: number, settings: ValueSettings): ColumnType | undefined {
  switch (name) {
    case 'numeric':
      return decimalType(modifier, settings.decimals);
    case 'money':
      return moneyType(settings.decimals);
    case 'bit':
    case 'varbit':
      return bitType(name, modifier);
    case 'interval':
      return intervalType(settings.intervals);
    case 'point':
      return geometricPoint;
    default:
      return temporalTypes(settings.times)[name]?.(modifier);
  }
}

function enumType({ labels }: DatabaseType): ColumnType {
  const parameters = { allowed: labels.join(',') };
  const schema = {
    type: 'string',
    optional: false,
    name: 'io.debezium.data.Enum',
    version: 1,
    parameters,
  } as const;
  return { schema, parse: asText, zero: '' };
}

/** `"a"=>"1", "b"=>NULL`, whose values are all texts. */
function hstoreAsJson(pairs: string): string {
  const unescaped = (quoted: string) => quoted.replace(/\\(.)/gs, '$1');
  const found = pairs.matchAll(/"((?:[^"\\]|\\.)*)"=>(?:"((?:[^"\\]|\\.)*)"|NULL)/gs);
  return JSON.stringify(
    Object.fromEntries(
      [...found].map(([, key = '', value]) => [
        unescaped(key),
        value === undefined ? null : unescaped(value),
      ]),
    ),
  );
}

/** Bits with the least significant byte first, and without zeros after the last, as in Debezium. */
function bitType(name: string, modifier: number): ColumnType {
  if (name === 'bit' && modifier === 1) return primitive('boolean', (value) => value === '1', false);
  const parameters = { length: String(modifier > 0 ? modifier : 2_147_483_647) };
  const schema = {
    type: 'bytes',
    optional: false,
    name: 'io.debezium.data.Bits',
    version: 1,
    parameters,
  } as const;
  const parse = (bits: string): Buffer => {
    const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
    for (let index = 0; index < bytes.length; index += 1) {
      const end = bits.length - index * 8;
      bytes[index] = Number.parseInt(bits.slice(Math.max(0, end - 8), end), 2);
    }
    return bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1);
  };
  return { schema, parse, zero: Buffer.alloc(0) };
}

function arrayType(
  array: DatabaseType,
  modifier: number,
  types: DatabaseTypes,
  settings: ValueSettings,
): ColumnType | undefined {
  const element = columnType(array.element, modifier, types, settings);
  if (element === undefined || element.schema.type === 'array') return undefined;
  const isEnum = types.get(array.element)?.kind === 'e';
  const schema = { type: 'array', optional: false, items: { ...element.schema, optional: !isEnum } } as const;
  const parse = (value: string): unknown =>
    parseArray(value).map((item) => (item === null ? null : element.parse(item)));
  return { schema, parse, zero: [] };
}
