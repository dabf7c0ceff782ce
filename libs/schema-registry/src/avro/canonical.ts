import {
  isNamed,
  primitiveTypes,
  type AvroField,
  type AvroName,
  type AvroSchema,
  type NamedAvroSchema,
  type NamedTypes,
  type Properties,
} from './avro-schema.ts';

/**
 * Returns the text that `toString` of Avro Java writes, which Confluent's registry keeps. It writes only the
 * names of types in `given`, which come from references.
 */
export const canonicalText = (schema: AvroSchema, given: NamedTypes = new Map()): string =>
  JSON.stringify(new CanonicalForm(given, 'java').of(schema, undefined));

/**
 * Returns the text that Confluent's registry keeps with `normalize=true`. It has full names, and the
 * properties in order.
 */
export const normalizedText = (schema: AvroSchema, given: NamedTypes = new Map()): string =>
  JSON.stringify(new CanonicalForm(given, 'normalized').of(schema, undefined));

/** Returns the text without documentation and aliases, in which equal definitions may differ. */
export const meaningText = (schema: AvroSchema): string =>
  JSON.stringify(new CanonicalForm(new Map(), 'meaning').of(schema, undefined));

class CanonicalForm {
  readonly #written: Set<string>;
  readonly #form: 'java' | 'normalized' | 'meaning';

  constructor(given: NamedTypes, form: 'java' | 'normalized' | 'meaning') {
    this.#written = new Set(given.keys());
    this.#form = form;
  }

  /** `enclosing` is the namespace of the type around it. */
  of(schema: AvroSchema, enclosing: string | undefined): unknown {
    if (isNamed(schema)) return this.#named(schema, enclosing);
    switch (schema.type) {
      case 'union':
        return schema.branches.map((branch) => this.of(branch, enclosing));
      case 'array':
        return { type: 'array', items: this.of(schema.items, enclosing), ...this.#others(schema) };
      case 'map':
        return { type: 'map', values: this.of(schema.values, enclosing), ...this.#others(schema) };
      default:
        return Object.keys(schema.properties).length === 0
          ? schema.type
          : { type: schema.type, ...this.#others(schema) };
    }
  }

  #named(schema: NamedAvroSchema, enclosing: string | undefined): unknown {
    const { name, aliases, doc } = schema;
    if (this.#written.has(name.full))
      return this.#form === 'normalized' ? name.full : reference(name, enclosing);
    this.#written.add(name.full);
    return {
      type: schema.type === 'record' && schema.isError ? 'error' : schema.type,
      ...this.#nameOf(name, enclosing),
      ...this.#doc(doc),
      ...this.#contents(schema),
      ...this.#others(schema),
      ...this.#aliases(aliases.map((alias) => reference(alias, name.namespace))),
    };
  }

  #nameOf({ name, namespace, full }: AvroName, enclosing: string | undefined) {
    if (this.#form === 'normalized') return { name: full };
    return { name, ...(namespace !== enclosing && { namespace: namespace ?? '' }) };
  }

  #contents(schema: NamedAvroSchema) {
    switch (schema.type) {
      case 'record':
        return { fields: schema.fields.map((field) => this.#field(field, schema.name.namespace)) };
      case 'enum':
        return {
          symbols: schema.symbols,
          ...(schema.defaultSymbol !== undefined && { default: schema.defaultSymbol }),
        };
      case 'fixed':
        return { size: schema.size };
    }
  }

  #field({ name, schema, doc, defaultValue, order, aliases, properties }: AvroField, enclosing?: string) {
    return {
      name,
      type: this.of(schema, enclosing),
      ...this.#doc(doc),
      ...(defaultValue && { default: defaultValue.value }),
      ...(order && { order }),
      ...this.#aliases(aliases),
      ...this.#others({ properties }),
    };
  }

  #doc(doc: string | undefined) {
    return doc === undefined || this.#form === 'meaning' ? {} : { doc };
  }

  #aliases(aliases: readonly string[]) {
    return aliases.length === 0 || this.#form === 'meaning' ? {} : { aliases };
  }

  #others({ properties }: { readonly properties: Properties }): Properties {
    if (this.#form === 'java') return properties;
    return Object.fromEntries(Object.entries(properties).sort(([left], [right]) => (left < right ? -1 : 1)));
  }
}

/**
 * Leaves out the namespace if the type around it has the same one, unless the name would then read as a type
 * of Avro.
 */
const reference = ({ name, namespace, full }: AvroName, enclosing: string | undefined): string =>
  namespace === enclosing && !isTypeName(name) ? name : full;

const typeNames: readonly string[] = [...primitiveTypes, 'record', 'enum', 'array', 'map', 'union', 'fixed'];
const isTypeName = (name: string): boolean => typeNames.includes(name);
