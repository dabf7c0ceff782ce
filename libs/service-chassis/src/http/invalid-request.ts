import { ProblemError, type FieldError } from './problem.ts';

const fieldErrorsMax = 50;

/** A 400 that names every field. */
export const invalidRequest = (errors: readonly FieldError[]): ProblemError =>
  new ProblemError(400, 'invalid_request', 'The request has fields that are missing or wrong', {
    errors: errors.slice(0, fieldErrorsMax),
  });

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
