import type { parquetWriteBuffer } from 'hyparquet-writer';
import type { ConnectSchema, PrimitiveType } from '../../record/connect-schema.ts';
import { jsonValue } from '../json-value.ts';
import { logicalTypeOf, unscaledOf } from '../logical-types.ts';
import { RecordError } from '../refused-record.ts';

export type ParquetElement = Omit<
  NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>[number],
  'name' | 'repetition_type'
>;

/** How Parquet represents the values of a schema. `cell` is never called with null. */
export interface ParquetValues {
  readonly element: ParquetElement;
  readonly cell: (value: unknown) => unknown;
}

const asItIs = (value: unknown): unknown => value;
const string: ParquetElement = { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
const int64: ParquetElement = { type: 'INT64' };
const double: ParquetElement = { type: 'DOUBLE' };
const json: ParquetElement = { type: 'BYTE_ARRAY', converted_type: 'JSON' };
const uuid: ParquetElement = {
  type: 'FIXED_LEN_BYTE_ARRAY',
  type_length: 16,
  logical_type: { type: 'UUID' },
};
const timestamp = (unit: 'MILLIS' | 'MICROS' | 'NANOS'): ParquetElement => ({
  type: 'INT64',
  ...(unit === 'MILLIS' ? { converted_type: 'TIMESTAMP_MILLIS' } : {}),
  ...(unit === 'MICROS' ? { converted_type: 'TIMESTAMP_MICROS' } : {}),
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit },
});

/** The type of the column that says when a record was written. */
export const timestampMs: ParquetElement = timestamp('MILLIS');
export const textElement: ParquetElement = string;
export const int32Element: ParquetElement = { type: 'INT32' };
export const int64Element: ParquetElement = int64;

const primitives: Readonly<Record<PrimitiveType, ParquetElement>> = {
  int8: int32Element,
  int16: int32Element,
  int32: int32Element,
  int64,
  float32: { type: 'FLOAT' },
  float64: double,
  boolean: { type: 'BOOLEAN' },
  string,
  bytes: { type: 'BYTE_ARRAY' },
};

const date: ParquetValues = { element: { type: 'INT32', converted_type: 'DATE' }, cell: asItIs };
const timeMillis: ParquetValues = { element: { type: 'INT32', converted_type: 'TIME_MILLIS' }, cell: asItIs };
const timeMicros: ParquetElement = { type: 'INT64', converted_type: 'TIME_MICROS' };

const connect = 'org.apache.kafka.connect.data.';
const debezium = 'io.debezium.time.';
/** The logical types that Parquet has as well. All others become text. */
const logical: Readonly<Record<string, ParquetValues>> = {
  [`${connect}Date`]: date,
  [`${connect}Time`]: timeMillis,
  [`${connect}Timestamp`]: { element: timestampMs, cell: asItIs },
  [`${debezium}Date`]: date,
  [`${debezium}Time`]: timeMillis,
  [`${debezium}MicroTime`]: { element: timeMicros, cell: asItIs },
  [`${debezium}NanoTime`]: { element: timeMicros, cell: (value) => (value as bigint) / 1_000n },
  [`${debezium}Timestamp`]: { element: timestampMs, cell: asItIs },
  [`${debezium}MicroTimestamp`]: { element: timestamp('MICROS'), cell: asItIs },
  [`${debezium}NanoTimestamp`]: { element: timestamp('NANOS'), cell: asItIs },
  [`${debezium}ZonedTimestamp`]: { element: timestamp('MICROS'), cell: microsOf },
  'io.debezium.data.Uuid': { element: uuid, cell: asItIs },
};

export function parquetValuesOf(schema: ConnectSchema): ParquetValues {
  if (schema.name === `${connect}Decimal`) return decimalsOf(schema);
  const known = schema.name === undefined ? undefined : logical[schema.name];
  if (known !== undefined) return known;
  const other = logicalTypeOf(schema);
  if (other?.sql === 'jsonb' || ['struct', 'map', 'array'].includes(schema.type))
    return { element: json, cell: (value) => jsonValue({ schema, value }) };
  if (other !== undefined) return { element: string, cell: (value) => other.text(value, schema) };
  return { element: primitives[schema.type as PrimitiveType], cell: asItIs };
}

/** Chooses the column for values of JSON without a schema by looking at one of them. */
export function parquetValuesOfJson(value: unknown): ParquetValues {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value)
        ? { element: int64, cell: (each) => BigInt(each as number) }
        : { element: double, cell: Number };
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return { element: int64, cell: asItIs };
      return { element: json, cell: (each) => jsonValue({ value: each }) };
    case 'boolean':
      return { element: primitives.boolean, cell: asItIs };
    case 'string':
      return { element: string, cell: asItIs };
    default:
      return { element: json, cell: (each) => jsonValue({ value: each }) };
  }
}

const wholeNumbers: ReadonlySet<ParquetElement> = new Set([int32Element, int64]);
const numbers: ReadonlySet<ParquetElement> = new Set([...wholeNumbers, double, primitives.float32]);

/** Returns a type that can hold the values of both. */
export function elementOfBoth(one: ParquetElement, other: ParquetElement): ParquetElement {
  if (one === other) return one;
  if (wholeNumbers.has(one) && wholeNumbers.has(other)) return int64;
  return numbers.has(one) && numbers.has(other) ? double : json;
}

/** Converts a cell of one type for a column of another, which `elementOfBoth` has chosen. */
export function cellFor(element: ParquetElement, own: ParquetElement, cell: unknown): unknown {
  if (element === own) return cell;
  if (element === int64) return BigInt(cell as number);
  return element === double ? Number(cell) : jsonValue({ value: cell });
}

const decimalDigitsMax = 38;
const decimalElements = new Map<number, ParquetElement>();

function decimalsOf(schema: ConnectSchema): ParquetValues {
  const scale = Number(schema.parameters?.scale ?? 0);
  const text = logicalTypeOf(schema)!;
  if (scale < 0 || scale > decimalDigitsMax)
    return { element: string, cell: (value) => text.text(value, schema) };
  const element = decimalElements.get(scale) ?? {
    type: 'FIXED_LEN_BYTE_ARRAY',
    type_length: 16,
    converted_type: 'DECIMAL',
    precision: decimalDigitsMax,
    scale,
  };
  decimalElements.set(scale, element);
  return {
    element,
    cell: (value) => {
      const unscaled = unscaledOf(value as Buffer);
      if (String(unscaled).replace('-', '').length > decimalDigitsMax)
        throw new RecordError(`a decimal has more than ${decimalDigitsMax} digits`);
      return unscaled;
    },
  };
}

/** Returns the microseconds since 1970 of a time such as `2024-01-15T10:00:00.123456Z`. */
function microsOf(value: unknown): bigint {
  const text = String(value);
  const milliseconds = Date.parse(text);
  if (Number.isNaN(milliseconds)) throw new RecordError(`"${text}" is not a time that Parquet can hold`);
  const beyondMilliseconds = /\.\d{3}(\d{1,3})/.exec(text)?.[1] ?? '';
  return BigInt(milliseconds) * 1_000n + BigInt(beyondMilliseconds.padEnd(3, '0'));
}
