import { Ajv } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { InvalidSchema } from '../errors.ts';
import type { ReferencedSchema } from '../schema-types.ts';
import { isObject, isRawJson, parsedJson, type Attributes } from '../schema-json.ts';

/** A schema, and the schemas that its `$ref`s name. */
export interface JsonSchemaRoot {
  readonly json: Attributes | boolean;
  readonly references: ReadonlyMap<string, JsonSchemaRoot>;
}

export interface ParsedJsonSchema {
  readonly schema: JsonSchemaRoot;
  /** The text of the schema without spaces. */
  readonly text: string;
  /** The text of the schema with the fields of each object in order. */
  readonly normalized: string;
}

const nestingMax = 100;
const settings = { strict: false, logger: false } as const;
/** The other known drafts. A schema that names none of them is checked as draft 7. */
const drafts = [
  { uri: /2020-12/, ajv: new Ajv2020(settings) },
  { uri: /2019-09/, ajv: new Ajv2019(settings) },
] as const;
const draft7 = new Ajv(settings);

/** Checks a schema against the meta-schema of its draft, and checks that its `$ref`s can be resolved. */
export function parseJsonSchema(text: string, references: readonly ReferencedSchema[]): ParsedJsonSchema {
  const kept = parsedJson(text); // keeps numbers as they are written
  const json: unknown = JSON.parse(JSON.stringify(kept));
  if (!isObject(json) && typeof json !== 'boolean')
    throw new InvalidSchema('the schema must be an object or a boolean');
  checkDraft(json);
  const schema: JsonSchemaRoot = {
    json,
    references: new Map(
      references.map(({ name, text: other, references: used }) => [
        name,
        parseJsonSchema(other, used).schema,
      ]),
    ),
  };
  checkRefs(json, schema, '', 0);
  return { schema, text: JSON.stringify(kept), normalized: JSON.stringify(inOrder(kept)) };
}

function checkDraft(json: Attributes | boolean): void {
  if (typeof json === 'boolean') return;
  const { $schema, ...contents } = json;
  const { ajv } = drafts.find(({ uri }) => uri.test(String($schema))) ?? { ajv: draft7 };
  if (ajv.validateSchema(contents) === true) return;
  const [first] = ajv.errors ?? [];
  throw new InvalidSchema(`${first?.instancePath || 'the schema'} ${first?.message ?? 'is no JSON Schema'}`);
}

function checkRefs(json: unknown, root: JsonSchemaRoot, path: string, depth: number): void {
  if (depth > nestingMax) throw new InvalidSchema(`${path} is nested deeper than ${nestingMax} levels`);
  if (Array.isArray(json)) json.forEach((each, at) => checkRefs(each, root, `${path}/${at}`, depth + 1));
  if (!isObject(json)) return;
  const { $ref } = json;
  if (typeof $ref === 'string' && !resolved($ref, root))
    throw new InvalidSchema(`${path}/$ref is to ${$ref}, which is neither here nor among the references`);
  for (const [name, each] of Object.entries(json))
    if (name !== 'enum' && name !== 'const' && name !== 'default' && name !== 'examples')
      checkRefs(each, root, `${path}/${name}`, depth + 1);
}

/** A part of a schema, and the whole schema in which its `$ref`s are resolved. */
export interface JsonSchemaPart {
  readonly json: unknown;
  readonly root: JsonSchemaRoot;
}

/** Resolves `#`, `#/a/b`, `#name` and the names of references, with or without a fragment. */
export function resolved($ref: string, root: JsonSchemaRoot): JsonSchemaPart | undefined {
  const [base = '', fragment = ''] = $ref.split('#', 2);
  const isOwn = base === '' || (isObject(root.json) && root.json['$id'] === base);
  const target = isOwn ? root : (root.references.get(base) ?? root.references.get($ref));
  if (!target) return undefined;
  if (fragment !== '' && !fragment.startsWith('/')) return anchored(fragment, target);
  let json: unknown = target.json;
  for (const part of fragment.split('/').slice(1)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~');
    json = Array.isArray(json) ? json[Number(name)] : isObject(json) ? json[name] : undefined;
  }
  return json === undefined ? undefined : { json, root: target };
}

function anchored(name: string, root: JsonSchemaRoot): JsonSchemaPart | undefined {
  const { $defs, definitions } = isObject(root.json) ? root.json : {};
  const defined = [$defs, definitions].flatMap((each) => (isObject(each) ? Object.values(each) : []));
  const json = defined.find(
    (each) => isObject(each) && (each['$anchor'] === name || each['$id'] === `#${name}`),
  );
  return json === undefined ? undefined : { json, root };
}

function inOrder(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(inOrder);
  if (!isObject(json) || isRawJson(json)) return json;
  const entries = Object.entries(json).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, value]) => [name, inOrder(value)]));
}
