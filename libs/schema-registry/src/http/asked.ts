import { z } from 'zod';
import { RegistryError } from '../errors.ts';
import type { GivenSchema } from '../schema-contents.ts';
import { numberMax } from '../subjects-and-versions.ts';

/** A request as the routes see it. */
export interface Asked {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly body: unknown;
}

export const flag = ({ query }: Asked, name: string): boolean => query[name] === 'true';

/** Returns the subject in the path. Only routes that have one call this. */
export const subjectOf = ({ params }: Asked): string => params['subject'] ?? '';

const reference = z.object({ name: z.string(), subject: z.string(), version: z.int() });

const givenSchema = z.object({
  schema: z.string('must be the text of the schema').min(1, 'is empty'),
  schemaType: z.string().nullish(),
  references: z.array(reference).max(100, 'has more than 100 references').nullish(),
  id: z.int().max(numberMax).nullish(),
  version: z.int().max(numberMax).nullish(),
});

/**
 * Reads a schema from the body. Confluent's clients send null for fields that they leave out, and -1 for an
 * id or a version.
 */
export function schemaOf({ body }: Asked): GivenSchema {
  const { data, error } = givenSchema.safeParse(body);
  if (error) throw new RegistryError('invalidSchema', `The body is not valid: ${problemsOf(error)}`);
  const { schema, schemaType, references, id, version } = data;
  return {
    schema,
    schemaType: schemaType ?? undefined,
    references: references ?? undefined,
    id: positive(id),
    version: positive(version),
  };
}

const positive = (number: number | null | undefined): number | undefined =>
  number === null || number === undefined || number < 1 ? undefined : number;

const problemsOf = ({ issues }: z.ZodError): string =>
  issues.map(({ path, message }) => `${path.join('.') || 'it'} ${message}`).join('; ');

const anyObject = z.record(z.string(), z.unknown()).catch({});

/** Returns a field of the body unchecked, because the registry itself checks it. */
export const bodyField = ({ body }: Asked, name: string): unknown => anyObject.parse(body)[name];

export function idOf({ params }: Asked): number {
  const id = params['id'] ?? '';
  if (/^\d+$/.test(id) && Number(id) <= numberMax) return Number(id);
  throw new RegistryError('schemaNotFound', `Schema ${id} not found: an id is a number`);
}
