import { isObject, javaDouble, parsedJson, rawJson, type Attributes } from '../schema-json.ts';
import { meaningText } from './canonical.ts';
import {
  checkedName,
  definitionOf,
  isDefinition,
  nameOf,
  nestingMax,
  qualified,
  refused,
  type Place,
} from './names.ts';
import {
  isNamed,
  primitiveTypes,
  type AvroField,
  type AvroName,
  type AvroSchema,
  type NamedAvroSchema,
  type NamedTypes,
  type PrimitiveType,
  type Properties,
} from './avro-schema.ts';

export interface ParsedAvro {
  readonly schema: AvroSchema;
  /** The types that the text defines, and those that the caller has given. */
  readonly names: NamedTypes;
}

/**
 * Parses a schema as `Schema.Parser` of Avro Java 1.12 does. `known` has types that other schemas define.
 * Like Confluent's registry, it does not check defaults against their types. Throws `InvalidSchema`, which
 * names the place as a JSON pointer.
 */
export function parseAvro(text: string, known: NamedTypes = new Map()): ParsedAvro {
  const json = parsedJson(text);
  const reading = new AvroReading(known, json);
  const schema = reading.schema(json, { path: '', namespace: undefined, depth: 0 });
  return { schema, names: reading.names };
}

const reserved = new Set([
  'type',
  'name',
  'namespace',
  'doc',
  'aliases',
  'fields',
  'items',
  'size',
  'symbols',
  'values',
]);
const reservedOfEnum = new Set([...reserved, 'default']);
const reservedOfField = new Set(['type', 'name', 'doc', 'aliases', 'default', 'order']);

class AvroReading {
  readonly names: Map<string, NamedAvroSchema>;
  readonly #root: unknown;
  /** The records whose fields are being read. */
  readonly #unfinished = new Set<string>();
  /**
   * The definitions of types that the schema uses before it defines them. Avro Java allows that since 1.12.
   */
  readonly #early = new Map<Attributes, NamedAvroSchema>();

  constructor(known: NamedTypes, root: unknown) {
    this.names = new Map(known);
    this.#root = root;
  }

  schema(json: unknown, place: Place): AvroSchema {
    if (place.depth > nestingMax) throw refused(place.path, `is nested deeper than ${nestingMax} levels`);
    if (typeof json === 'string') return this.#reference(json, {}, place);
    if (Array.isArray(json)) return this.#union(json, place);
    if (!isObject(json)) throw refused(place.path, 'must be a name, an object or an array');
    const type = json['type'];
    if (typeof type !== 'string') throw refused(`${place.path}/type`, 'must be the name of a type');
    if (isDefinition(type)) return this.#early.get(json) ?? this.#definition(json, place);
    const properties = others(json, reserved);
    const part = (name: string) => this.#part(json, name, place);
    switch (type) {
      case 'array':
        return { type, items: part('items'), properties };
      case 'map':
        return { type, values: part('values'), properties };
      default:
        return this.#reference(type, properties, place);
    }
  }

  #reference(name: string, properties: Properties, { path, namespace }: Place): AvroSchema {
    if ((primitiveTypes as readonly string[]).includes(name))
      return { type: name as PrimitiveType, properties };
    const full = name.includes('.') || namespace === undefined ? name : `${namespace}.${name}`;
    const found = this.names.get(full) ?? (this.#unfinished.has(name) ? undefined : this.names.get(name));
    if (found) return found;
    const later = definitionOf(full, this.#root, { path: '', namespace: undefined, depth: 0 });
    if (!later) throw refused(path, `${JSON.stringify(full)} is not a type of Avro, and nothing defines it`);
    const defined = this.#definition(later.json, later.place);
    this.#early.set(later.json, defined);
    return defined;
  }

  #part(json: Attributes, name: string, { path, namespace, depth }: Place): AvroSchema {
    if (!(name in json)) throw refused(`${path}/${name}`, 'is missing');
    return this.schema(json[name], { path: `${path}/${name}`, namespace, depth: depth + 1 });
  }

  #union(json: readonly unknown[], { path, namespace, depth }: Place): AvroSchema {
    const branches = json.map((each, index) =>
      this.schema(each, { path: `${path}/${index}`, namespace, depth: depth + 1 }),
    );
    const seen = new Set<string>();
    branches.forEach((branch, index) => {
      const name = isNamed(branch) ? branch.name.full : branch.type;
      if (name === 'union') throw refused(`${path}/${index}`, 'is a union directly in a union');
      if (seen.has(name)) throw refused(`${path}/${index}`, `repeats ${name} in one union`);
      seen.add(name);
    });
    return { type: 'union', branches };
  }

  /** A type may be defined twice if both definitions say the same, as in Avro Java. */
  #definition(json: Attributes, place: Place): NamedAvroSchema {
    const { path } = place;
    const name = nameOf(json, place);
    if ((primitiveTypes as readonly string[]).includes(name.full))
      throw refused(`${path}/name`, `must not be ${name.full}, which is a type of Avro`);
    const before = this.names.get(name.full);
    if (this.#unfinished.has(name.full)) throw refused(path, `defines ${name.full} again`);
    const defined = this.#named(json, name, path);
    if (!before) this.names.set(name.full, defined);
    if (defined.type === 'record') {
      this.#unfinished.add(name.full);
      defined.fields = this.#fields(json, { ...place, namespace: name.namespace });
      this.#unfinished.delete(name.full);
    }
    if (!before) return defined;
    if (meaningText(before) !== meaningText(defined))
      throw refused(path, `defines ${name.full} again, but differently`);
    return before;
  }

  #named(json: Attributes, name: AvroName, path: string): NamedAvroSchema {
    const { type } = json;
    const named = { name, aliases: aliasesOf(json, name.namespace, path), ...docOf(json) };
    if (type === 'enum')
      return { type, ...named, properties: others(json, reservedOfEnum), ...symbolsOf(json, path) };
    const properties = others(json, reserved);
    if (type === 'fixed') return { type, ...named, properties, size: sizeOf(json, path) };
    return { type: 'record', isError: type === 'error', ...named, properties, fields: [] };
  }

  #fields(json: Attributes, { path, ...place }: Place): readonly AvroField[] {
    const { fields } = json;
    if (!Array.isArray(fields)) throw refused(`${path}/fields`, 'must be an array of fields');
    const names = new Set<string>();
    return fields.map((field: unknown, index) => {
      const at = `${path}/fields/${index}`;
      if (!isObject(field)) throw refused(at, 'must be an object');
      const name = checkedName(field['name'], `${at}/name`);
      if (names.has(name)) throw refused(at, `repeats the field ${name}`);
      names.add(name);
      const schema = this.#part(field, 'type', { path: at, ...place });
      return {
        name,
        schema,
        ...docOf(field),
        ...('default' in field && { defaultValue: { value: defaultOf(schema, field, `${at}/default`) } }),
        ...orderOf(field, at),
        aliases: [...new Set(textsOf(field, 'aliases', at))],
        properties: others(field, reservedOfField),
      };
    });
  }
}

const others = (json: Attributes, known: ReadonlySet<string>): Properties =>
  Object.fromEntries(Object.entries(json).filter(([name]) => !known.has(name)));

const docOf = ({ doc }: Attributes) => (typeof doc === 'string' ? { doc } : {});

function aliasesOf(json: Attributes, namespace: string | undefined, path: string): readonly AvroName[] {
  const names = textsOf(json, 'aliases', path).map((alias) => qualified(alias, namespace, path));
  return [...new Map(names.map((name) => [name.full, name])).values()];
}

function textsOf(json: Attributes, name: string, path: string): readonly string[] {
  const texts = json[name] ?? [];
  if (Array.isArray(texts) && texts.every((text) => typeof text === 'string')) return texts;
  throw refused(`${path}/${name}`, 'must be an array of names');
}

/** Avro Java accepts a text as the default of a floating-point number. */
function defaultOf({ type }: AvroSchema, { default: value }: Attributes, path: string): unknown {
  if (typeof value !== 'string' || (type !== 'float' && type !== 'double')) return value;
  const number = Number(value);
  if (value.trim() === '' || Number.isNaN(number)) throw refused(path, 'must be a number');
  return rawJson(javaDouble(number));
}

function symbolsOf(json: Attributes, path: string) {
  if (!('symbols' in json)) throw refused(`${path}/symbols`, 'is missing');
  const symbols = textsOf(json, 'symbols', path);
  symbols.forEach((symbol, index) => checkedName(symbol, `${path}/symbols/${index}`));
  if (new Set(symbols).size < symbols.length) throw refused(`${path}/symbols`, 'repeats a symbol');
  const defaultSymbol = json['default'];
  if (defaultSymbol === undefined) return { symbols };
  if (typeof defaultSymbol !== 'string' || !symbols.includes(defaultSymbol))
    throw refused(`${path}/default`, 'must be one of the symbols');
  return { symbols, defaultSymbol };
}

function sizeOf({ size }: Attributes, path: string): number {
  if (typeof size === 'number' && Number.isInteger(size) && size >= 0 && size < 2 ** 31) return size;
  throw refused(`${path}/size`, 'must be the number of bytes');
}

function orderOf({ order }: Attributes, path: string) {
  const lower = typeof order === 'string' ? order.toLowerCase() : order;
  if (lower === undefined || lower === 'ascending') return {};
  if (lower === 'descending' || lower === 'ignore') return { order: lower } as const;
  throw refused(`${path}/order`, 'must be ascending, descending or ignore');
}
