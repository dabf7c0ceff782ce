import { InvalidSchema } from '../errors.ts';
import { isObject, type Attributes } from '../schema-json.ts';
import type { AvroName } from './avro-schema.ts';

export const nestingMax = 100;

/** The place of a part in a schema. */
export interface Place {
  readonly path: string;
  /** The namespace of the enclosing type. */
  readonly namespace: string | undefined;
  readonly depth: number;
}

export const refused = (path: string, problem: string): InvalidSchema =>
  new InvalidSchema(`${path === '' ? 'the schema' : path} ${problem}`);

export function checkedName(name: unknown, path: string): string {
  if (typeof name === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return name;
  throw refused(path, 'must be a name of letters, digits and _ that does not begin with a digit');
}

export function nameOf(json: Attributes, { path, namespace }: Place): AvroName {
  const own = json['namespace'];
  if (typeof json['name'] !== 'string') throw refused(`${path}/name`, 'must be the name of the type');
  return qualified(json['name'], typeof own === 'string' ? own : namespace, path);
}

/** Resolves a name. A name with dots has its own namespace, and an empty namespace counts as none. */
export function qualified(text: string, enclosing: string | undefined, path: string): AvroName {
  const dot = text.lastIndexOf('.');
  const namespace = (dot < 0 ? enclosing : text.slice(0, dot)) || undefined;
  const name = checkedName(text.slice(dot + 1), `${path}/name`);
  for (const part of namespace?.split('.') ?? []) checkedName(part, `${path}/namespace`);
  return { name, namespace, full: namespace === undefined ? name : `${namespace}.${name}` };
}

interface Definition {
  readonly json: Attributes;
  readonly place: Place;
}

export const isDefinition = (type: unknown): boolean =>
  type === 'record' || type === 'error' || type === 'enum' || type === 'fixed';

/** Finds the definition of a type anywhere in the schema. */
export function definitionOf(full: string, json: unknown, place: Place): Definition | undefined {
  if (isObject(json) && isDefinition(json['type']) && typeof json['name'] === 'string')
    if (nameOf(json, place).full === full) return { json, place };
  if (place.depth > nestingMax) return undefined;
  for (const { part, path, namespace } of partsOf(json, place)) {
    const at = { path: `${place.path}/${path}`, namespace, depth: place.depth + 1 };
    const found = definitionOf(full, part, at);
    if (found) return found;
  }
  return undefined;
}

interface Part {
  readonly part: unknown;
  readonly path: string;
  readonly namespace: string | undefined;
}

function partsOf(json: unknown, place: Place): readonly Part[] {
  const { namespace } = place;
  if (Array.isArray(json))
    return json.map((part: unknown, index) => ({ part, path: String(index), namespace }));
  if (!isObject(json)) return [];
  const { type, items, values, fields, name } = json;
  if (type === 'array') return [{ part: items, path: 'items', namespace }];
  if (type === 'map') return [{ part: values, path: 'values', namespace }];
  if (!isDefinition(type) || !Array.isArray(fields) || typeof name !== 'string') return [];
  const own = nameOf(json, place).namespace;
  return fields.map((field: unknown, index) => ({
    part: isObject(field) ? field['type'] : undefined,
    path: `fields/${index}/type`,
    namespace: own,
  }));
}
