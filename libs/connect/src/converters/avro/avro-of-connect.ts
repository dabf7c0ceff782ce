import { InvalidSchema, parseAvro, type AvroSchema } from '@millrace/schema-registry/avro';
import type { ConnectSchema, MapSchema, StructSchema } from '../../record/connect-schema.ts';
import { DataError } from '../../record/data-error.ts';
import { jsonOfSchema } from '../json-schema.ts';
import { hasTextKeys, jsonOfDefault } from './avro-defaults.ts';
import {
  logicalTypes,
  mapEntry,
  namespace,
  parameters,
  precisionByDefault,
  properties,
  unionName,
  unnamedRecord,
} from './avro-names.ts';

/**
 * Converts a schema of Connect to Avro by the rules of Confluent's `AvroData`. Throws `DataError` for
 * names that Avro does not allow.
 */
export function avroOfConnect(schema: ConnectSchema): AvroSchema {
  try {
    return parseAvro(JSON.stringify(new AvroTypes().of(schema))).schema;
  } catch (error) {
    if (!(error instanceof InvalidSchema)) throw error;
    throw new DataError(
      `the schema has no Avro form: ${error.message}. Rename the field or type, for example with ReplaceField or by another topic.prefix, or use JsonConverter`,
      { cause: error },
    );
  }
}

type Json = Readonly<Record<string, unknown>>;

const avroTypes = {
  int8: 'int',
  int16: 'int',
  int32: 'int',
  int64: 'long',
  float32: 'float',
  float64: 'double',
  boolean: 'boolean',
  string: 'string',
  bytes: 'bytes',
} as const;

/** Attributes have the order of Confluent's, so that equal schemas give equal texts. */
class AvroTypes {
  /** The names of structs without a name, by what they consist of. */
  readonly #unnamed = new Map<string, string>();

  of(schema: ConnectSchema): unknown {
    if (schema.type === 'struct' && schema.name === unionName) return this.#union(schema);
    const type = { ...this.#shape(schema), ...annotations(schema) };
    if (!schema.optional) return type;
    return schema.default == null ? ['null', type] : [type, 'null'];
  }

  #union(schema: StructSchema): readonly unknown[] {
    const branches = schema.fields.map((field) => this.of({ ...field.schema, optional: false }));
    return schema.optional ? ['null', ...branches] : branches;
  }

  #shape(schema: ConnectSchema): Json {
    switch (schema.type) {
      case 'array':
        return { type: 'array', items: this.of(schema.items) };
      case 'map':
        return hasTextKeys(schema)
          ? { type: 'map', values: this.of(schema.values) }
          : { type: 'array', items: this.#entry(schema) };
      case 'struct':
        return this.#record(schema);
      case 'bytes':
        return bytesOf(schema);
      default:
        return { type: avroTypes[schema.type] };
    }
  }

  #entry({ name, keys, values }: MapSchema): Json {
    return {
      type: 'record',
      ...(name === undefined ? { name: `${namespace}.${mapEntry}` } : named(name)),
      fields: [this.#field('key', keys), this.#field('value', values)],
      ...(name !== undefined && { [properties.internalType]: mapEntry }),
    };
  }

  #record(schema: StructSchema): Json {
    const { name, fields, parameters: given = {} } = schema;
    return {
      type: 'record',
      ...named(name ?? this.#nameOf(schema)),
      doc: given[parameters.recordDoc],
      fields: fields.map(({ field, schema: inner }) =>
        this.#field(field, inner, given[parameters.fieldDoc + field]),
      ),
    };
  }

  #field(name: string, schema: ConnectSchema, doc?: string): Json {
    const hasDefault = schema.default != null;
    return {
      name,
      type: this.of(schema),
      doc,
      ...((hasDefault || schema.optional) && { default: jsonOfDefault(schema, schema.default) }),
    };
  }

  #nameOf(schema: StructSchema): string {
    const contents = JSON.stringify(jsonOfSchema({ ...schema, optional: false }));
    const known = this.#unnamed.get(contents);
    if (known !== undefined) return known;
    const number = this.#unnamed.size + 1;
    const name = `${namespace}.${unnamedRecord}${number === 1 ? '' : number}`;
    this.#unnamed.set(contents, name);
    return name;
  }
}

/** A name without a dot has no namespace, also within a record that has one. */
const named = (name: string): Json => (name.includes('.') ? { name } : { name, namespace: '' });

function bytesOf({ name, parameters: given = {} }: ConnectSchema): Json {
  const size = given[parameters.fixedSize];
  const type =
    size === undefined || name === undefined || name in logicalTypes
      ? { type: 'bytes' }
      : { type: 'fixed', ...named(name), size: Number(size) };
  if (name === undefined || !(name in logicalTypes)) return type;
  return {
    ...type,
    scale: Number(given['scale']),
    precision: Number(given[parameters.precision] ?? precisionByDefault),
  };
}

function annotations(schema: ConnectSchema): Json {
  const { name, version, doc, parameters: all = {} } = schema;
  const { [parameters.fieldDefault]: isFieldDefault, ...given } = all;
  const foreign = Object.entries(given).filter(([parameter]) => parameter.startsWith('avro'));
  return {
    [properties.doc]: doc,
    [properties.version]: version,
    ...(Object.keys(given).length > 0 && { [properties.parameters]: given }),
    ...(schema.default != null &&
      isFieldDefault === undefined && { [properties.default]: jsonOfDefault(schema, schema.default) }),
    [properties.name]: name,
    ...((schema.type === 'int8' || schema.type === 'int16') && { [properties.type]: schema.type }),
    logicalType: logicalTypes[name ?? '']?.logicalType,
    ...Object.fromEntries(foreign),
  };
}
