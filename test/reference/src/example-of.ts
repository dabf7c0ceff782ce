export type JsonSchema = Readonly<Record<string, unknown>>;

const formats: Readonly<Record<string, string>> = {
  uuid: '0199e5a0-0000-7000-8000-000000000001',
  'date-time': '2026-11-20T09:00:00.000Z',
  date: '2026-11-20',
  email: 'ada@example.org',
};

/**
 * Returns a value that fits a JSON Schema, always the same: the example that a field declares, else the
 * first value of an enumeration, the name of a text field, or the least number. Throws `TypeError` for a
 * field that needs an example of its own.
 */
export function exampleOf(schema: JsonSchema, name = 'value'): unknown {
  if (Array.isArray(schema.examples)) return schema.examples[0] as unknown;
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0] as unknown;
  const either = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(either)) return exampleOf(either[0] as JsonSchema, name);
  switch (schema.type) {
    case 'object': {
      const fields = Object.entries((schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>);
      return Object.fromEntries(fields.map(([field, inner]) => [field, exampleOf(inner, field)]));
    }
    case 'array':
      return [exampleOf((schema.items ?? {}) as JsonSchema, name)];
    case 'integer':
    case 'number':
      return Math.max(Number(schema.minimum ?? 1), 1);
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'string': {
      const known = formats[String(schema.format)];
      if (known !== undefined) return known;
      if (schema.pattern === undefined) return name;
    }
  }
  throw new TypeError(`${name}: declare an example with .meta({ examples: [...] }) in libs/contracts`);
}
