import { z } from 'zod';
import { fc } from './random.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Returns fast-check's arbitrary of the values that a schema accepts. Throws `TypeError` for a part
 * of a schema that JSON Schema expresses in a way that is unknown here.
 */
export const arbitraryOf = <Value>(schema: z.ZodType<Value>): fc.Arbitrary<Value> =>
  valueOf(z.toJSONSchema(schema)).filter(
    (value): value is Value & fc.JsonValue => schema.safeParse(value).success,
  );

function valueOf(schema: JsonSchema): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  const either = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(either)) return fc.oneof(...(either as JsonSchema[]).map(valueOf));
  if (Array.isArray(schema.type))
    return fc.oneof(...(schema.type as unknown[]).map((type) => valueOf({ ...schema, type })));
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return fc.array(valueOf((schema.items ?? {}) as JsonSchema), {
        minLength: (schema.minItems as number | undefined) ?? 0,
        maxLength: (schema.maxItems as number | undefined) ?? 10,
      });
    case 'string':
      return textOf(schema);
    case 'integer':
      return fc.integer(boundsOf(schema, 1));
    case 'number':
      return fc.double({ ...boundsOf(schema, Number.MIN_VALUE), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      throw new TypeError(`no arbitrary for ${JSON.stringify(schema)}: give the property its own one`);
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }: JsonSchema) {
  const fields = Object.entries(properties as Readonly<Record<string, JsonSchema>>);
  if (fields.length === 0 && typeof additionalProperties === 'object')
    return fc.dictionary(fc.string(), valueOf(additionalProperties as JsonSchema), { maxKeys: 5 });
  const record = Object.fromEntries(fields.map(([name, field]) => [name, valueOf(field)]));
  return fc.record(record, { requiredKeys: [...(required as string[])], noNullPrototype: true });
}

/** `step` is the distance of the nearest number that an exclusive bound allows. */
function boundsOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema, step: number) {
  const above = typeof exclusiveMinimum === 'number' ? exclusiveMinimum + step : minimum;
  const below = typeof exclusiveMaximum === 'number' ? exclusiveMaximum - step : maximum;
  return {
    min: typeof above === 'number' ? above : Number.MIN_SAFE_INTEGER,
    max: typeof below === 'number' ? below : Number.MAX_SAFE_INTEGER,
  };
}

function textOf({ pattern, minLength, maxLength }: JsonSchema): fc.Arbitrary<string> {
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  return fc.string({
    minLength: (minLength as number | undefined) ?? 0,
    maxLength: (maxLength as number | undefined) ?? 40,
  });
}
