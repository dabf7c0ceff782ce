import type { Json } from './json-schema.ts';

/**
 * Moves the schemas that refer to themselves out of the calls, to the document's components. Zod writes them
 * beside the schema that uses them, where the references of an OpenAPI document do not reach.
 */
export function withNamedSchemas<Calls>(calls: Calls): { readonly calls: Calls; readonly schemas: Json } {
  const schemas: Record<string, unknown> = {};

  function moved(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(moved);
    if (typeof value !== 'object' || value === null) return value;
    const { $defs = {}, ...rest } = value as { readonly $defs?: Json };
    for (const [name, schema] of Object.entries($defs)) {
      if (name.startsWith('__'))
        throw new TypeError('a schema that refers to itself needs a name: add .meta({ id: NAME })');
      schemas[name] = moved(schema);
    }
    return Object.fromEntries(
      Object.entries(rest).map(([key, part]) => [key, key === '$ref' ? inComponents(part) : moved(part)]),
    );
  }

  return { calls: moved(calls) as Calls, schemas };
}

const inComponents = (reference: unknown): string =>
  String(reference).replace(/^#\/\$defs\//, '#/components/schemas/');
