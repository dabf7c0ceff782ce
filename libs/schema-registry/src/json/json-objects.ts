import { isObject, type Attributes } from '../schema-json.ts';
import { difference, takesAll, type ComparePart, type JsonDifference } from './json-difference.ts';

/**
 * Returns the schema of all properties that an object does not list: true allows anything, and false nothing.
 */
const restOf = ({ additionalProperties = true, unevaluatedProperties = true }: Attributes): unknown =>
  takesAll(additionalProperties) ? unevaluatedProperties : additionalProperties;

const propertiesOf = ({ properties }: Attributes): Attributes => (isObject(properties) ? properties : {});
const requiredOf = ({ required }: Attributes): readonly unknown[] =>
  Array.isArray(required) ? required : [];
const hasDefault = (schema: unknown): boolean => isObject(schema) && 'default' in schema;

/** Compares the properties of two objects, by the rules of open and closed content models. */
export function compareObjects(
  reader: Attributes,
  writer: Attributes,
  path: string,
  compare: ComparePart,
): readonly JsonDifference[] {
  const own = propertiesOf(reader);
  const other = propertiesOf(writer);
  const found: JsonDifference[] = [];
  for (const [name, schema] of Object.entries(own)) {
    const at = `${path}/properties/${name}`;
    found.push(...(name in other ? compare(schema, other[name], at) : added(schema, writer, at, compare)));
  }
  for (const [name, schema] of Object.entries(other))
    if (!(name in own)) found.push(...removed(schema, reader, `${path}/properties/${name}`, compare));
  found.push(...newlyRequired(reader, writer, path));
  return [...found, ...compareRest(restOf(reader), restOf(writer), path, compare)];
}

/**
 * Compares a property that only the reader knows. Data of an open object may contain anything under its name.
 */
function added(schema: unknown, writer: Attributes, path: string, compare: ComparePart) {
  const rest = restOf(writer);
  if (rest === false || takesAll(schema)) return [];
  if (takesAll(rest))
    return [
      difference(
        'PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL',
        path,
        'the writer takes any other properties, so its data may hold this one with another type',
      ),
    ];
  return compare(schema, rest, path).length === 0
    ? []
    : [
        difference(
          'PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
          path,
          'additionalProperties of the writer allows what this property does not',
        ),
      ];
}

/** Compares a property that only the writer knows. */
function removed(schema: unknown, reader: Attributes, path: string, compare: ComparePart) {
  const rest = restOf(reader);
  if (takesAll(rest) || schema === false) return [];
  if (rest === false)
    return [
      difference('PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL', path, 'the reader takes no other properties'),
    ];
  return compare(rest, schema, path).length === 0
    ? []
    : [
        difference(
          'PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL',
          path,
          'additionalProperties of the reader does not allow what this property does',
        ),
      ];
}

function newlyRequired(reader: Attributes, writer: Attributes, path: string) {
  const own = propertiesOf(reader);
  const before = requiredOf(writer);
  return requiredOf(reader)
    .map(String)
    .filter((name) => !before.includes(name) && !hasDefault(own[name]))
    .map((name) => {
      const isNew = !(name in propertiesOf(writer));
      const type = isNew ? 'REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL' : 'REQUIRED_ATTRIBUTE_ADDED';
      return difference(type, `${path}/required/${name}`, `the reader requires ${name}, without a default`);
    });
}

function compareRest(own: unknown, other: unknown, path: string, compare: ComparePart) {
  if (takesAll(own) || other === false) return [];
  const at = `${path}/additionalProperties`;
  if (own === false)
    return [difference('ADDITIONAL_PROPERTIES_REMOVED', at, 'the reader takes no other properties')];
  return compare(own, other, at).length === 0
    ? []
    : [difference('ADDITIONAL_PROPERTIES_NARROWED', at, 'the reader takes fewer other properties')];
}
