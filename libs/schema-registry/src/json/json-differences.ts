import { isDeepStrictEqual } from 'node:util';
import { isObject, type Attributes } from '../schema-json.ts';
import { resolved, type JsonSchemaPart, type JsonSchemaRoot } from './json-schema.ts';
import { difference, takesAll, type ComparePart, type JsonDifference } from './json-difference.ts';
import { compareLimits } from './json-limits.ts';
import { compareObjects } from './json-objects.ts';

/**
 * Finds data that the writer's schema allows and the reader's refuses. The names of the differences and the
 * rules for open and closed objects are those of Confluent's registry. For example, it refuses a new property
 * of an open object, because older data may contain anything under its name.
 */
export const jsonDifferences = (reader: JsonSchemaRoot, writer: JsonSchemaRoot): readonly JsonDifference[] =>
  new JsonComparison().of({ json: reader.json, root: reader }, { json: writer.json, root: writer }, '');

class JsonComparison {
  /** The pairs that are being compared, which ends recursion. */
  readonly #open: Array<readonly [unknown, unknown]> = [];

  of(reader: JsonSchemaPart, writer: JsonSchemaPart, path: string): readonly JsonDifference[] {
    const own = followed(reader);
    const other = followed(writer);
    if (this.#open.some(([left, right]) => left === own.json && right === other.json)) return [];
    this.#open.push([own.json, other.json]);
    const found = this.#compare(own, other, path);
    this.#open.pop();
    return found;
  }

  #compare(reader: JsonSchemaPart, writer: JsonSchemaPart, path: string): readonly JsonDifference[] {
    if (takesAll(reader.json) || writer.json === false) return [];
    if (reader.json === false)
      return [difference('TYPE_NARROWED', path, 'the reader takes no value here any more')];
    const own = flattened(reader);
    const other = flattened(writer);
    const branches = alternatives(other);
    if (branches)
      return branches.flatMap((branch, index) =>
        this.of(reader, { json: branch, root: writer.root }, `${path}/${index}`),
      );
    const choices = alternatives(own);
    if (choices) return this.#oneOf(choices, reader, writer, path);
    const compare: ComparePart = (left, right, at) =>
      this.of({ json: left, root: reader.root }, { json: right, root: writer.root }, at);
    return [
      ...compareTypes(own, other, path),
      ...compareValues(own, other, path),
      ...compareLimits(own, other, path),
      ...compareItems(own, other, path, compare),
      ...compareObjects(own, other, path, compare),
    ];
  }

  #oneOf(choices: readonly unknown[], reader: JsonSchemaPart, writer: JsonSchemaPart, path: string) {
    const fits = choices.some(
      (choice) => this.of({ json: choice, root: reader.root }, writer, path).length === 0,
    );
    if (fits) return [];
    return [difference('COMBINED_TYPE_SUBSCHEMAS_CHANGED', path, 'no alternative of the reader takes this')];
  }
}

function followed(part: JsonSchemaPart): JsonSchemaPart {
  let at = part;
  for (let steps = 0; steps < 100; steps += 1) {
    const $ref = isObject(at.json) ? at.json['$ref'] : undefined;
    const next = typeof $ref === 'string' ? resolved($ref, at.root) : undefined;
    if (!next) return at;
    at = next;
  }
  return at;
}

/** Merges the parts of `allOf` into one schema. */
function flattened({ json, root }: JsonSchemaPart): Attributes {
  if (!isObject(json)) return {};
  const { allOf, ...own } = json;
  if (!Array.isArray(allOf)) return own;
  return [own, ...allOf.map((each: unknown) => flattened(followed({ json: each, root })))].reduce(
    (merged: Attributes, each: Attributes) => ({
      ...merged,
      ...each,
      ...both('properties', merged, each, (left, right) => ({ ...left, ...right })),
      ...(Array.isArray(merged['required']) &&
        Array.isArray(each['required']) && { required: [...merged['required'], ...each['required']] }),
    }),
    {},
  );
}

const both = (
  name: string,
  left: Attributes,
  right: Attributes,
  merge: (left: Attributes, right: Attributes) => Attributes,
): Attributes => {
  const one = left[name];
  const other = right[name];
  return isObject(one) && isObject(other) ? { [name]: merge(one, other) } : {};
};

const alternatives = ({ anyOf, oneOf }: Attributes): readonly unknown[] | undefined =>
  Array.isArray(oneOf) ? oneOf : Array.isArray(anyOf) ? anyOf : undefined;

const allTypes = ['null', 'boolean', 'number', 'string', 'array', 'object'] as const;

/** Returns the types that a schema allows, which are all of them if it names none. */
function typesOf({ type, enum: values, const: constant }: Attributes): readonly string[] {
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.map(String);
  const named = constant !== undefined ? [constant] : Array.isArray(values) ? values : undefined;
  return named ? [...new Set(named.map(typeOf))] : allTypes;
}

const typeOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;

function compareTypes(reader: Attributes, writer: Attributes, path: string): readonly JsonDifference[] {
  const takes = typesOf(reader);
  const missing = typesOf(writer).filter(
    (type) => !takes.includes(type) && !(type === 'integer' && takes.includes('number')),
  );
  if (missing.length === 0) return [];
  const shares = typesOf(writer).some((type) => takes.includes(type));
  return [
    difference(
      shares ? 'TYPE_NARROWED' : 'TYPE_CHANGED',
      path,
      `the reader takes ${takes.join(' or ')}, not ${missing.join(' or ')}`,
    ),
  ];
}

const valuesOf = ({ enum: values, const: constant }: Attributes): readonly unknown[] | undefined =>
  constant !== undefined ? [constant] : Array.isArray(values) ? values : undefined;

function compareValues(reader: Attributes, writer: Attributes, path: string): readonly JsonDifference[] {
  const takes = valuesOf(reader);
  if (!takes) return [];
  const written = valuesOf(writer);
  if (!written)
    return [difference('ENUM_ARRAY_NARROWED', path, `the reader takes only ${JSON.stringify(takes)}`)];
  const missing = written.filter((value) => !takes.some((each) => isDeepStrictEqual(each, value)));
  if (missing.length === 0) return [];
  return [difference('ENUM_ARRAY_NARROWED', path, `the reader does not take ${JSON.stringify(missing)}`)];
}

function compareItems(
  reader: Attributes,
  writer: Attributes,
  path: string,
  compare: ComparePart,
): readonly JsonDifference[] {
  const own = tupleOf(reader);
  const other = tupleOf(writer);
  const length = Math.max(own.places.length, other.places.length);
  const places = Array.from({ length }, (_, index) =>
    compare(own.places[index] ?? own.rest, other.places[index] ?? other.rest, `${path}/items/${index}`),
  );
  return [...places.flat(), ...compare(own.rest, other.rest, `${path}/items`)];
}

/** Returns the schemas of the first items, and the schema of all other items. */
function tupleOf({ items = true, prefixItems, additionalItems = true }: Attributes) {
  if (Array.isArray(prefixItems)) return { places: prefixItems as readonly unknown[], rest: items };
  if (Array.isArray(items)) return { places: items as readonly unknown[], rest: additionalItems };
  return { places: [], rest: items };
}
