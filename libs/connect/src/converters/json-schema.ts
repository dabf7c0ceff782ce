import { DataError } from '../record/data-error.ts';
import { isObject } from '../record/fields.ts';
import type { ConnectSchema, PrimitiveType } from '../record/connect-schema.ts';
import { jsonOfDefault, valueOfDefault } from './json-values.ts';

/** A schema in the form in which Kafka's `JsonConverter` writes it beside each payload. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const nameInJson: Readonly<Partial<Record<PrimitiveType, string>>> = { float32: 'float', float64: 'double' };
const nameHere: Readonly<Record<string, PrimitiveType>> = { float: 'float32', double: 'float64' };
const primitives: ReadonlySet<string> = new Set([
  'int8',
  'int16',
  'int32',
  'int64',
  'boolean',
  'string',
  'bytes',
]);

/** Orders the properties as Kafka does, so that equal schemas give equal bytes. */
export function jsonOfSchema(schema: ConnectSchema): JsonSchema {
  return {
    ...shapeOf(schema),
    optional: schema.optional,
    ...(schema.name !== undefined && { name: schema.name }),
    ...(schema.version !== undefined && { version: schema.version }),
    ...(schema.doc !== undefined && { doc: schema.doc }),
    ...(schema.parameters !== undefined && { parameters: schema.parameters }),
    ...(schema.default !== undefined && { default: jsonOfDefault(schema) }),
  };
}

function shapeOf(schema: ConnectSchema): JsonSchema {
  switch (schema.type) {
    case 'struct':
      return {
        type: 'struct',
        fields: schema.fields.map(({ field, schema: inner }) => ({ ...jsonOfSchema(inner), field })),
      };
    case 'array':
      return { type: 'array', items: jsonOfSchema(schema.items) };
    case 'map':
      return { type: 'map', keys: jsonOfSchema(schema.keys), values: jsonOfSchema(schema.values) };
    default:
      return { type: nameInJson[schema.type] ?? schema.type };
  }
}

export function schemaOfJson(json: unknown): ConnectSchema {
  const given = asObject(json, 'a schema');
  const facts = {
    optional: given['optional'] === true,
    ...(typeof given['name'] === 'string' && { name: given['name'] }),
    ...(typeof given['version'] === 'number' && { version: given['version'] }),
    ...(typeof given['doc'] === 'string' && { doc: given['doc'] }),
    ...(given['parameters'] != null && { parameters: given['parameters'] as Record<string, string> }),
  };
  const schema = { ...typeOf(given), ...facts } as ConnectSchema;
  if (given['default'] == null) return schema;
  return { ...schema, default: valueOfDefault(schema, given['default']) };
}

function typeOf(given: JsonSchema) {
  const { type } = given;
  if (type === 'struct') {
    if (!Array.isArray(given['fields'])) throw new DataError('The schema of a struct has no list "fields"');
    const fields = given['fields'].map((field: unknown) => ({
      field: String(asObject(field, 'a field')['field']),
      schema: schemaOfJson(field),
    }));
    return { type, fields };
  }
  if (type === 'array') return { type, items: schemaOfJson(given['items']) };
  if (type === 'map')
    return { type, keys: schemaOfJson(given['keys']), values: schemaOfJson(given['values']) };
  const known =
    typeof type === 'string' ? (nameHere[type] ?? (primitives.has(type) ? type : undefined)) : undefined;
  if (known === undefined) throw new DataError(`Unknown schema type: ${String(type)}`);
  return { type: known };
}

function asObject(json: unknown, what: string): JsonSchema {
  if (isObject(json)) return json;
  throw new DataError(`${what} must be an object, not ${JSON.stringify(json)}`);
}
