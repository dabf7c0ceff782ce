import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { issueWords } from './issue-words.ts';
import { refusal, type FieldError, type ProblemError } from './problem.ts';

/**
 * Validates every argument that a controller declares with a schema (`@Body({ schema })`,
 * `@Query({ schema })`, `@Param('id', { schema })`) and passes on the schema's output. A refusal is
 * a 400 `invalid_request` that names every field.
 */
export class ValidationPipe implements PipeTransform {
  async transform(value: unknown, { schema, data, type }: ArgumentMetadata): Promise<unknown> {
    if (schema === undefined) return value;
    refuseUnacceptable(value, data, type);
    // Fastify leaves an absent body undefined or null, and a schema's own message about that would
    // not name the body.
    const result = await (schema as z.ZodType).safeParseAsync(value ?? {}, { error: issueWords });
    if (!result.success)
      throw invalidRequest(result.error.issues.flatMap((issue) => fieldErrors(issue, data, type)));
    return result.data;
  }
}

/**
 * Returns one error per field. zod reports unknown keys on their parent; here each key is named.
 */
function fieldErrors(
  issue: z.core.$ZodIssue,
  parameter: string | undefined,
  type: string,
): readonly FieldError[] {
  const { path } = issue;
  if (issue.code !== 'unrecognized_keys')
    return [{ field: fieldOf(path, parameter, type), message: issue.message }];
  return issue.keys.map((key) => ({
    field: fieldOf([...path, key], parameter, type),
    message: 'is not a known field',
  }));
}

const unstorableText = /\0|\p{Surrogate}/u;
const depthMax = 32;

interface Unacceptable {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * Refuses values that no schema checks for, with a 400 that names the field. The field belongs to
 * `parameter`, or to the whole body or query by its `type`.
 */
export function refuseUnacceptable(value: unknown, parameter: string | undefined, type: string): void {
  const found = findUnacceptable(value, []);
  if (found !== undefined)
    throw invalidRequest([{ field: fieldOf(found.path, parameter, type), message: found.message }]);
}

/**
 * Finds values that would become a 500 further in, so that they are answered with a 400:
 * - PostgreSQL stores neither NUL nor half of a surrogate pair in text and jsonb.
 * - Deep nesting overflows the stack of recursive code.
 */
function findUnacceptable(value: unknown, path: readonly (string | number)[]): Unacceptable | undefined {
  if (typeof value === 'string' && unstorableText.test(value))
    return { path, message: 'contains characters that cannot be stored' };
  if (typeof value !== 'object' || value === null) return undefined;
  if (path.length === depthMax)
    return { path: path.slice(0, 1), message: `is nested more than ${depthMax} levels deep` };
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, child] of entries) {
    const found = findUnacceptable(child, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}

const fieldErrorsMax = 50;

const invalidRequest = (errors: readonly FieldError[]): ProblemError =>
  refusal('invalid_request', { errors: errors.slice(0, fieldErrorsMax) });

/**
 * Writes a path as in code: `lines[0].quantity`. If a whole body or query is wrong, its type is the
 * name.
 */
function fieldOf(path: readonly unknown[], parameter: string | undefined, type: string): string {
  const segments = parameter === undefined ? path : [parameter, ...path];
  if (segments.length === 0) return type;
  return segments
    .map((segment) => (typeof segment === 'number' ? `[${segment}]` : `.${keyOf(segment)}`))
    .join('')
    .replace(/^\./, '');
}

const keyOf = (segment: unknown): string =>
  typeof segment === 'object' && segment !== null && 'key' in segment ? String(segment.key) : String(segment);
