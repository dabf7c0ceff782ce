import { z } from 'zod';

export type Json = Readonly<Record<string, unknown>>;

/**
 * OpenAPI 3.1 schemas are JSON Schema 2020-12. They cannot show the output of a transform, only its
 * input.
 */
export function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
  });
  return rest;
}

/**
 * Returns a schema and an example that the schema accepts, so that a reader's first attempt
 * succeeds. Throws if the schema rejects the example.
 */
export function withExample(
  value: z.ZodType,
  name: string,
): { readonly schema: Json; readonly example: unknown } {
  const schema = jsonSchema(value, 'input');
  const example = exampleOf(schema);
  const { error } = value.safeParse(example);
  if (error !== undefined)
    throw new TypeError(`give the fields of ${name} examples that its schema accepts: ${error.message}`);
  return { schema, example };
}

/**
 * Builds a value that fits a JSON schema from the `examples` of its fields. A field without
 * examples gets its default, its first allowed value, or a plain value of its type.
 */
function exampleOf(schema: Json): unknown {
  const { examples, default: byDefault, const: only, enum: allowed } = schema;
  // Zod writes a discriminated union as `oneOf`, any other union as `anyOf`.
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(examples) && examples.length > 0) return examples[0] as unknown;
  if (byDefault !== undefined) return byDefault;
  if (only !== undefined) return only;
  if (Array.isArray(allowed)) return allowed[0] as unknown;
  if (Array.isArray(choices)) return exampleOf(choices[0] as Json);
  switch (schema['type']) {
    case 'object':
      return exampleOfObject(schema);
    case 'array':
      return [exampleOf((schema['items'] ?? {}) as Json)];
    case 'integer':
    case 'number':
      return schema['minimum'] ?? 1;
    case 'boolean':
      return true;
    default:
      return formats[String(schema['format'])] ?? 'text';
  }
}

const exampleOfObject = ({
  properties = {},
}: Json & { readonly properties?: Readonly<Record<string, Json>> }) =>
  Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, exampleOf(property)]));

const formats: Readonly<Record<string, string>> = {
  uuid: '0190b5e6-7a2c-7cc1-9a57-3f0a5d2b8c11',
  email: 'ada@example.org',
  'date-time': '2026-03-01T12:00:00Z',
};
