import type { ConnectSchema, StructSchema } from '../../record/connect-schema.ts';
import { isObject } from '../../record/fields.ts';
import type { Data, SinkRecord } from '../../record/records.ts';
import { RecordError } from '../refused-record.ts';
import type { JdbcSinkOptions } from './sink-options.ts';
import { jsonCell, jsonTypeOf, sqlValuesOf, type SqlValues } from './sql-values.ts';

/** One column of a record. It has the type for a new column, and its text depends on the existing column. */
export interface Field {
  readonly name: string;
  /** Undefined for a null without a schema, which fits every type. */
  readonly type: string | undefined;
  readonly hasSchema: boolean;
  text(columnType: string): string | null;
}

/** The change that a record makes to its table: a new row, or a delete. */
export interface RowChange {
  readonly record: SinkRecord;
  readonly key: readonly Field[];
  /** The columns beside the key, or undefined for a delete. */
  readonly row: readonly Field[] | undefined;
  /** The schema of the value. */
  readonly schema?: ConnectSchema;
}

const kafkaColumns = ['__connect_topic', '__connect_partition', '__connect_offset'] as const;
const string: ConnectSchema = { type: 'string', optional: false };
const int32: ConnectSchema = { type: 'int32', optional: false };
const int64: ConnectSchema = { type: 'int64', optional: false };

/**
 * Returns the change that a record makes to a row, or undefined if there is nothing to do. Throws a
 * RecordError if the record lacks something that the settings require.
 */
export function rowChangeOf(record: SinkRecord, options: JdbcSinkOptions): RowChange | undefined {
  const value = options.readsEnvelopes ? newRowOf(record.value) : record.value;
  if (value === undefined) return undefined;
  if (value.value === null || value.value === undefined) {
    if (!options.deletes) return undefined;
    return { record, key: keyOf(record, value, options), row: undefined };
  }
  const key = keyOf(record, value, options);
  const ofKey = new Set(key.map(({ name }) => name));
  const row = fieldsOf(value, 'value').filter(
    ({ name }) => !ofKey.has(name) && (options.fields.length === 0 || options.fields.includes(name)),
  );
  return { record, key, row, schema: value.schema };
}

function keyOf(record: SinkRecord, value: Data, { keyMode, keyFields }: JdbcSinkOptions): readonly Field[] {
  switch (keyMode) {
    case 'none':
      return [];
    case 'kafka': {
      const { topic, partition, offset } = record.origin;
      const [topicName, partitionName, offsetName] = keyFields.length === 3 ? keyFields : kafkaColumns;
      return [
        fieldOf(topicName!, { schema: string, value: topic }),
        fieldOf(partitionName!, { schema: int32, value: partition }),
        fieldOf(offsetName!, { schema: int64, value: offset }),
      ];
    }
    case 'record_key':
      return withoutNulls(selected(keyFieldsOf(record.key, keyFields), keyFields, 'key'));
    case 'record_value':
      return withoutNulls(selected(fieldsOf(value, 'value'), keyFields, 'value'));
  }
}

/** A key that is a plain value becomes one column, which is named `key` unless the settings name it. */
function keyFieldsOf(key: Data, keyFields: readonly string[]): readonly Field[] {
  if (key.value === null || key.value === undefined)
    throw new RecordError('it has no key, and the primary key is made of the key of the record');
  return isStructured(key) ? fieldsOf(key, 'key') : [fieldOf(keyFields[0] ?? 'key', key)];
}

function selected(
  fields: readonly Field[],
  names: readonly string[],
  part: 'key' | 'value',
): readonly Field[] {
  if (names.length === 0) return fields;
  return names.map((name) => {
    const field = fields.find((each) => each.name === name);
    if (field === undefined)
      throw new RecordError(`its ${part} has no field "${name}", which is part of the primary key`);
    return field;
  });
}

function withoutNulls(key: readonly Field[]): readonly Field[] {
  const empty = key.find((field) => field.text('text') === null);
  if (empty !== undefined) throw new RecordError(`"${empty.name}" is null, and is part of the primary key`);
  return key;
}

const isStructured = ({ schema, value }: Data): boolean =>
  schema === undefined ? isObject(value) : schema.type === 'struct';

function fieldsOf(data: Data, part: 'key' | 'value'): readonly Field[] {
  if (!isStructured(data))
    throw new RecordError(
      `its ${part} is not an object with fields: a table needs one. Set ${part}.converter to one ` +
        'that reads what the producer writes',
    );
  const values = data.value as Readonly<Record<string, unknown>>;
  if (data.schema === undefined)
    return Object.entries(values).map(([name, value]) => fieldOf(name, { value }));
  return (data.schema as StructSchema).fields.map(
    ({ field, schema }) => new SchemaField(field, sqlValuesFor(schema), values[field]),
  );
}

/** The form of values in SQL, computed once per schema and not for every record. */
const valuesBySchema = new WeakMap<ConnectSchema, SqlValues>();

function sqlValuesFor(schema: ConnectSchema): SqlValues {
  let values = valuesBySchema.get(schema);
  if (values === undefined) valuesBySchema.set(schema, (values = sqlValuesOf(schema)));
  return values;
}

class SchemaField implements Field {
  readonly name: string;
  readonly type: string;
  readonly hasSchema = true;
  readonly #values: SqlValues;
  readonly #value: unknown;

  constructor(name: string, values: SqlValues, value: unknown) {
    this.name = name;
    this.type = values.type;
    this.#values = values;
    this.#value = value;
  }

  text(): string | null {
    return this.#value === null || this.#value === undefined ? null : this.#values.text(this.#value);
  }
}

const fieldOf = (name: string, { schema, value }: Data): Field =>
  schema === undefined
    ? {
        name,
        type: value === null || value === undefined ? undefined : jsonTypeOf(value),
        hasSchema: false,
        text: (columnType) => jsonCell(value, columnType),
      }
    : new SchemaField(name, sqlValuesFor(schema), value);

/**
 * Returns the new row of a Debezium envelope, or any other value as it is. Returns undefined for an envelope
 * that changes no row, such as a truncate.
 */
function newRowOf({ schema, value }: Data): Data | undefined {
  const envelope = value as Readonly<Record<string, unknown>> | null;
  const isEnvelope =
    schema === undefined
      ? typeof envelope?.op === 'string' &&
        'source' in envelope &&
        ('after' in envelope || 'before' in envelope)
      : schema.name?.endsWith('.Envelope') === true;
  if (!isEnvelope || envelope === null || envelope === undefined) return { schema, value };
  if (envelope.op === 't' || envelope.op === 'm') return undefined;
  const rowSchema = (schema as StructSchema | undefined)?.fields.find(
    ({ field }) => field === 'after',
  )?.schema;
  return { schema: rowSchema, value: envelope.op === 'd' ? null : (envelope.after ?? null) };
}
