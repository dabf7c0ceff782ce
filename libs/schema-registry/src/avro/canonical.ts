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
 * The text of a schema as `toString` of Avro Java writes it, which is the text that Confluent's
 * registry keeps. Types that `given` has, from references, appear by their names only.
 */
export const canonicalText = (schema: AvroSchema, given: NamedTypes = new Map()): string =>
  JSON.stringify(new CanonicalForm(given, 'java').of(schema, undefined));

/**
 * The text with full names and with properties in order, which Confluent's registry keeps with
 * `normalize=true`.
 */
export const normalizedText = (schema: AvroSchema, given: NamedTypes = new Map()): string =>
  JSON.stringify(new CanonicalForm(given, 'normalized').of(schema, undefined));

/** The text without what two equal definitions may differ in: documentation and aliases. */
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

/** A name is written without the namespace around it, unless it would read as a type of Avro. */
const reference = ({ name, namespace, full }: AvroName, enclosing: string | undefined): string =>
  namespace === enclosing && !isTypeName(name) ? name : full;

const typeNames: readonly string[] = [...primitiveTypes, 'record', 'enum', 'array', 'map', 'union', 'fixed'];
const isTypeName = (name: string): boolean => typeNames.includes(name);
