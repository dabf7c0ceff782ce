import type { AvroRecord, AvroSchema, AvroUnion } from '@millrace/schema-registry/avro';
import { branchesOf, branchNames, isMapEntry, type Nulls } from './avro-names.ts';

type Write = (value: unknown) => unknown;

/**
 * Converts values of Connect to what the Avro encoder expects. A value that does not fit passes
 * unchanged, so the encoder's error names it.
 */
export const avroWriter = (avro: AvroSchema, nulls: Nulls): Write => new Writers(nulls).of(avro);

const asItIs: Write = (value) => value ?? null;

class Writers {
  readonly #nulls: Nulls;
  readonly #records = new Map<AvroRecord, Write>();

  constructor(nulls: Nulls) {
    this.#nulls = nulls;
  }

  of(avro: AvroSchema): Write {
    switch (avro.type) {
      case 'union':
        return this.#union(avro);
      case 'record':
        return this.#record(avro);
      case 'array': {
        if (isMapEntry(avro.items)) return entries(this.#record(avro.items));
        const write = this.of(avro.items);
        return (value) => (Array.isArray(value) ? value.map(write) : value);
      }
      case 'map': {
        const write = this.of(avro.values);
        return (value) =>
          value instanceof Map
            ? Object.fromEntries(
                [...(value as Map<string, unknown>)].map(([key, each]) => [key, write(each)]),
              )
            : value;
      }
      case 'bytes':
      case 'fixed':
        return (value) =>
          value instanceof Uint8Array && !Buffer.isBuffer(value) ? Buffer.from(value) : asItIs(value);
      default:
        return asItIs;
    }
  }

  #union(avro: AvroUnion): Write {
    const branches = branchesOf(avro).map((each) => ({ ...branchNames(each), write: this.of(each) }));
    const [only] = branches;
    if (only !== undefined && branches.length === 1 && avro.branches.length === 2)
      return (value) => (value == null ? null : only.write(value));
    return (value) => {
      if (value == null) return null;
      const struct = value as Readonly<Record<string, unknown>>;
      const found = branches.find(({ field }) => struct[field] != null);
      return found === undefined ? null : { [found.branch]: found.write(struct[found.field]) };
    };
  }

  #record(avro: AvroRecord): Write {
    const known = this.#records.get(avro);
    if (known) return known;
    const fields: { readonly name: string; readonly hasDefault: boolean; readonly write: Write }[] = [];
    const write: Write = (value) => {
      if (typeof value !== 'object' || value === null) return value;
      const struct = value as Readonly<Record<string, unknown>>;
      const record: Record<string, unknown> = {};
      // The encoding writes the default of a field that is undefined.
      for (const { name, hasDefault, write: inner } of fields)
        record[name] = hasDefault && struct[name] == null ? undefined : inner(struct[name]);
      return record;
    };
    this.#records.set(avro, write);
    for (const { name, schema, defaultValue } of avro.fields) {
      const keepsNull = this.#nulls === 'stay' && schema.type === 'union';
      fields.push({ name, hasDefault: defaultValue !== undefined && !keepsNull, write: this.of(schema) });
    }
    return write;
  }
}

const entries =
  (entry: Write): Write =>
  (value) =>
    value instanceof Map
      ? [...(value as Map<unknown, unknown>)].map(([key, each]) => entry({ key, value: each }))
      : value;
