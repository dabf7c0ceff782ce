type Schema = Readonly<Record<string, unknown>>;

/**
 * Builds a value that fits a JSON schema from the `examples` of its fields. A field without
 * examples gets its default, its first allowed value, or a plain value of its type.
 */
export function exampleOf(schema: Schema): unknown {
  const { examples, default: byDefault, const: only, enum: allowed, anyOf } = schema;
  if (Array.isArray(examples) && examples.length > 0) return examples[0] as unknown;
  if (byDefault !== undefined) return byDefault;
  if (only !== undefined) return only;
  if (Array.isArray(allowed)) return allowed[0] as unknown;
  if (Array.isArray(anyOf)) return exampleOf(anyOf[0] as Schema);
  switch (schema['type']) {
    case 'object':
      return exampleOfObject(schema);
    case 'array':
      return [exampleOf((schema['items'] ?? {}) as Schema)];
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
}: Schema & { readonly properties?: Readonly<Record<string, Schema>> }) =>
  Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, exampleOf(property)]));

const formats: Readonly<Record<string, string>> = {
  uuid: '0190b5e6-7a2c-7cc1-9a57-3f0a5d2b8c11',
  email: 'ada@example.org',
  'date-time': '2026-03-01T12:00:00Z',
};
