import type { parquetWriteBuffer } from 'hyparquet-writer';
import type { ConnectSchema, StructSchema } from '../../record/connect-schema.ts';
import { isObject } from '../../record/fields.ts';
import type { Data, SinkRecord } from '../../record/records.ts';
import { textOf } from '../json-value.ts';
import {
  cellFor,
  elementOfBoth,
  int32Element,
  int64Element,
  parquetValuesOf,
  parquetValuesOfJson,
  textElement,
  timestampMs,
  type ParquetElement,
  type ParquetValues,
} from './parquet-values.ts';

interface Cell {
  readonly element: ParquetElement;
  readonly value: unknown;
}

/** The cells of a record by the names of their columns. */
export type ParquetRow = ReadonlyMap<string, Cell>;

type ParquetData = Pick<Parameters<typeof parquetWriteBuffer>[0], 'columnData'> & {
  readonly schema: NonNullable<Parameters<typeof parquetWriteBuffer>[0]['schema']>;
};

/**
 * Returns the row of a record: its place in the log, its key as text, the requested headers, and the fields
 * of its value. Throws a RecordError if Parquet cannot represent a value.
 */
export function parquetRowOf(record: SinkRecord, headerNames: readonly string[]): ParquetRow {
  const { origin, key, value, timestampMs: at } = record;
  const row = new Map<string, Cell>([
    ['_partition', { element: int32Element, value: origin.partition }],
    ['_offset', { element: int64Element, value: origin.offset }],
    ['_timestamp', { element: timestampMs, value: at === undefined ? null : BigInt(at) }],
    ['_key', { element: textElement, value: isNull(key.value) ? null : textOf(key) }],
  ]);
  for (const name of headerNames) {
    const header = record.headers.findLast((each) => each.key === name);
    const text = header === undefined || isNull(header.value) ? null : textOf(header);
    row.set(name, { element: textElement, value: text });
  }
  for (const [name, data] of fieldsOf(value)) {
    const cell = cellOf(data);
    if (cell !== undefined) row.set(name, cell);
  }
  return row;
}

const isNull = (value: unknown): value is null | undefined => value === null || value === undefined;

/** A value without fields becomes the column `value`. */
function fieldsOf({ schema, value }: Data): ReadonlyArray<readonly [string, Data]> {
  if (schema?.type === 'struct' && !isNull(value)) {
    const struct = value as Readonly<Record<string, unknown>>;
    return (schema as StructSchema).fields.map((each) => [
      each.field,
      { schema: each.schema, value: struct[each.field] },
    ]);
  }
  if (isNull(value)) return [];
  if (schema !== undefined || !isObject(value)) return [['value', { schema, value }]];
  return Object.entries(value).map(([name, each]) => [name, { value: each }]);
}

const valuesBySchema = new WeakMap<ConnectSchema, ParquetValues>();

/** Returns undefined for a null without a schema, because it does not tell the type of its column. */
function cellOf({ schema, value }: Data): Cell | undefined {
  if (schema === undefined) {
    if (isNull(value)) return undefined;
    const { element, cell } = parquetValuesOfJson(value);
    return { element, value: cell(value) };
  }
  let values = valuesBySchema.get(schema);
  if (values === undefined) valuesBySchema.set(schema, (values = parquetValuesOf(schema)));
  return { element: values.element, value: isNull(value) ? null : values.cell(value) };
}

/** Returns the columns of all rows, with null where a row has no value. */
export function parquetDataOf(rows: readonly ParquetRow[]): ParquetData {
  const elements = new Map<string, ParquetElement>();
  for (const row of rows)
    for (const [name, { element }] of row) {
      const before = elements.get(name);
      elements.set(name, before === undefined ? element : elementOfBoth(before, element));
    }
  const columns = [...elements];
  return {
    schema: [
      { name: 'root', num_children: columns.length },
      ...columns.map(([name, element]) => ({ ...element, name, repetition_type: 'OPTIONAL' as const })),
    ],
    columnData: columns.map(([name, element]) => ({
      name,
      data: rows.map((row) => {
        const cell = row.get(name);
        return isNull(cell?.value) ? null : cellFor(element, cell!.element, cell!.value);
      }),
    })),
  };
}

/** Estimates the bytes that a row takes in memory. */
export function bytesOfRow(row: ParquetRow): number {
  let bytes = 0;
  for (const { value } of row.values()) bytes += 48 + bytesOf(value);
  return bytes;
}

function bytesOf(value: unknown): number {
  if (typeof value === 'string') return 2 * value.length;
  if (Buffer.isBuffer(value)) return value.length;
  if (typeof value !== 'object' || value === null) return 16;
  let bytes = 16;
  for (const [name, each] of Object.entries(value)) bytes += 16 + name.length + bytesOf(each);
  return bytes;
}
