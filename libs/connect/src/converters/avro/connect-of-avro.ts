import type { AvroRecord, AvroSchema, AvroUnion } from '@millrace/schema-registry/avro';
import type { ConnectSchema } from '../../record/connect-schema.ts';
import { DataError } from '../../record/data-error.ts';
import { branchesOf, branchNames, isMapEntry, parameters, unionName, type Nulls } from './avro-names.ts';
import { annotated, enumShape, primitiveShape, type Place } from './connect-shapes.ts';

/** The schema of Connect for an Avro schema, and the conversion of its values. */
export interface ConnectReader {
  readonly schema: ConnectSchema;
  /** Converts a decoded value to Connect's. */
  readonly read: (value: unknown) => unknown;
}

/**
 * Converts an Avro schema to a schema of Connect by the rules of Confluent's `AvroData`. Throws `DataError` for a
 * schema that Connect cannot have.
 */
export function connectOfAvro(avro: AvroSchema, nulls: Nulls): ConnectReader {
  const [branch, ...others] = avro.type === 'union' ? branchesOf(avro) : [];
  // A record or null as a whole is a record in Connect, since null is a tombstone.
  return new Readers(nulls).of(branch?.type === 'record' && others.length === 0 ? branch : avro, required);
}

const required: Place = { optional: false };

/** A type without what its place adds. */
interface Shape extends Pick<ConnectReader, 'read'> {
  readonly shape: object;
}

const asItIs = (value: unknown): unknown => value;

class Readers {
  readonly #nulls: Nulls;
  readonly #records = new Map<AvroRecord, Shape>();
  /** The records that are being read, each within the one before. */
  readonly #within = new Set<AvroRecord>();

  constructor(nulls: Nulls) {
    this.#nulls = nulls;
  }

  of(avro: AvroSchema, place: Place): ConnectReader {
    if (avro.type === 'union') return this.#union(avro);
    const { shape, read } = this.#shape(avro);
    const schema = annotated(avro, shape, place);
    const whenNull = this.#nulls === 'stay' ? null : (schema.default ?? null);
    return { schema, read: (value) => (value === null ? whenNull : read(value)) };
  }

  #union(avro: AvroUnion): ConnectReader {
    const branches = branchesOf(avro);
    const optional = branches.length < avro.branches.length;
    if (optional && branches.length === 1) return this.of(branches[0]!, { optional });
    const parts = branches.map((each) => ({ ...branchNames(each), ...this.of(each, { optional: true }) }));
    const fields = parts.map(({ field, schema }) => ({ field, schema }));
    const none = Object.fromEntries(fields.map(({ field }) => [field, null]));
    const byBranch = new Map(parts.map((part) => [part.branch, part]));
    if (Object.keys(none).length < parts.length)
      throw new DataError(
        `a union has two types with the same name: ${parts.map(({ branch }) => branch).join()}`,
      );
    return {
      schema: { type: 'struct', optional, name: unionName, fields },
      read(value) {
        if (value === null) return null;
        const [name, inner] = Object.entries(value as object)[0]!;
        const { field, read } = byBranch.get(name)!;
        return { ...none, [field]: read(inner) };
      },
    };
  }

  #shape(avro: Exclude<AvroSchema, AvroUnion>): Shape {
    switch (avro.type) {
      case 'null':
        throw new DataError('a schema that allows only null has no type in Connect');
      case 'record':
        return this.#record(avro);
      case 'array':
        return isMapEntry(avro.items) ? this.#entries(avro.items) : this.#array(avro.items);
      case 'map':
        return this.#map(avro.values);
      case 'enum':
        return { shape: enumShape(avro), read: asItIs };
      default:
        return { shape: primitiveShape(avro), read: asItIs };
    }
  }

  #record(avro: AvroRecord): Shape {
    const known = this.#records.get(avro);
    if (known) return known;
    const fields = this.#fieldsOf(avro);
    const docs = avro.fields.map(({ name, doc }) => [parameters.fieldDoc + name, doc]);
    const shape = {
      type: 'struct',
      fields: fields.map(({ field, schema }) => ({ field, schema })),
      parameters: { [parameters.recordDoc]: avro.doc, ...Object.fromEntries(docs) },
    };
    const read = (value: unknown) => {
      const record = value as Readonly<Record<string, unknown>>;
      const struct: Record<string, unknown> = {};
      for (const each of fields) struct[each.field] = each.read(record[each.field]);
      return struct;
    };
    this.#records.set(avro, { shape, read });
    return { shape, read };
  }

  #fieldsOf(avro: AvroRecord) {
    if (this.#within.has(avro)) throw new DataError(`${avro.name.full} is recursive, which is not supported`);
    this.#within.add(avro);
    const fields = avro.fields.map(({ name, schema, defaultValue }) => ({
      field: name,
      ...this.of(schema, { optional: false, byDefault: defaultValue?.value }),
    }));
    this.#within.delete(avro);
    return fields;
  }

  #array(avro: AvroSchema): Shape {
    const { schema: items, read } = this.of(avro, required);
    return { shape: { type: 'array', items }, read: (value) => (value as readonly unknown[]).map(read) };
  }

  #map(avro: AvroSchema): Shape {
    const { schema: values, read } = this.of(avro, required);
    return {
      shape: { type: 'map', keys: { type: 'string', optional: false }, values },
      read: (value) => new Map(Object.entries(value as object).map(([key, each]) => [key, read(each)])),
    };
  }

  #entries(avro: AvroRecord): Shape {
    const fields = new Map(this.#fieldsOf(avro).map((part) => [part.field, part]));
    const key = fields.get('key');
    const each = fields.get('value');
    if (key === undefined || each === undefined)
      throw new DataError(`${avro.name.full} is an entry of a map, but has no fields key and value`);
    return {
      shape: { type: 'map', keys: key.schema, values: each.schema },
      read: (entries) =>
        new Map(
          (entries as readonly { readonly key: unknown; readonly value: unknown }[]).map((entry) => [
            key.read(entry.key),
            each.read(entry.value),
          ]),
        ),
    };
  }
}
