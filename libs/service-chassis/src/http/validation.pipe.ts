import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import { ProblemError, type FieldError } from './problem.ts';

type StandardSchema = NonNullable<ArgumentMetadata['schema']>;
type Issue = { readonly message: string; readonly path?: readonly unknown[]; readonly keys?: readonly string[] };

/**
 * Validates what a controller declares with a schema, `@Body({ schema })`, `@Query({ schema })`, `@Param('id', { schema })`, and passes on
 * what the schema made of it. A refusal is a 400 `invalid_request` that names every field.
 */
export class ValidationPipe implements PipeTransform {
  async transform(value: unknown, { schema, data, type }: ArgumentMetadata): Promise<unknown> {
    if (schema === undefined) return value;
    const unacceptable = findUnacceptable(value, []);
    if (unacceptable !== undefined) throw refused([{ field: fieldOf(unacceptable.path, data, type), message: unacceptable.message }]);
    const result = await validate(schema, value);
    if (result.issues !== undefined) throw refused(result.issues.flatMap((issue) => fieldErrors(issue, data, type)));
    return result.value;
  }
}

async function validate(schema: StandardSchema, value: unknown): Promise<{ value?: unknown; issues?: readonly Issue[] }> {
  // Fastify leaves an absent body undefined or null; a schema's own words about it would not name the body.
  return (await schema['~standard'].validate(value ?? {})) as { value?: unknown; issues?: readonly Issue[] };
}

const fieldErrorsMax = 50;

const refused = (errors: readonly FieldError[]): ProblemError =>
  new ProblemError(400, 'invalid_request', 'The request has fields that are missing or wrong', { errors: errors.slice(0, fieldErrorsMax) });

/** zod reports unknown keys on their parent: here each one is named. */
function fieldErrors(issue: Issue, parameter: string | undefined, type: string): readonly FieldError[] {
  const path = issue.path ?? [];
  if (issue.keys === undefined) return [{ field: fieldOf(path, parameter, type), message: issue.message }];
  return issue.keys.map((key) => ({ field: fieldOf([...path, key], parameter, type), message: 'is not known here' }));
}

/** `lines[0].quantity`; a whole body or query that is wrong is called by that name. */
export function fieldOf(path: readonly unknown[], parameter: string | undefined, type: string): string {
  const segments = parameter === undefined ? path : [parameter, ...path];
  if (segments.length === 0) return type;
  return segments
    .map((segment) => (typeof segment === 'number' ? `[${segment}]` : `.${keyOf(segment)}`))
    .join('')
    .replace(/^\./, '');
}

const keyOf = (segment: unknown): string =>
  typeof segment === 'object' && segment !== null && 'key' in segment ? String(segment.key) : String(segment);

const unstorableText = /\0|\p{Surrogate}/u;
const depthMax = 32;

interface Unacceptable {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * What would become a 500 further in: PostgreSQL stores neither NUL nor half a surrogate pair in text and jsonb, and a deep nest overflows
 * whoever walks it. Found here it is the caller's fault.
 */
function findUnacceptable(value: unknown, path: readonly (string | number)[]): Unacceptable | undefined {
  if (typeof value === 'string' && unstorableText.test(value)) return { path, message: 'contains characters that cannot be stored' };
  if (typeof value !== 'object' || value === null) return undefined;
  if (path.length === depthMax) return { path: path.slice(0, 1), message: `is nested more than ${depthMax} deep` };
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, child] of entries) {
    const found = findUnacceptable(child, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
