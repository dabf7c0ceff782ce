import { fieldOf, invalidRequest } from './invalid-request.ts';

const unstorableText = /\0|\p{Surrogate}/u;
const depthMax = 32;

interface Unacceptable {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Refuses what no schema looks for, with a 400 that names the field of the `parameter` (or of the whole body or query, by its `type`). */
export function refuseUnacceptable(value: unknown, parameter: string | undefined, type: string): void {
  const found = findUnacceptable(value, []);
  if (found !== undefined)
    throw invalidRequest([{ field: fieldOf(found.path, parameter, type), message: found.message }]);
}

/**
 * What would become a 500 further in: PostgreSQL stores neither NUL nor half a surrogate pair in text and jsonb, and a deep nest overflows
 * whoever walks it. Found here it is the caller's fault.
 */
function findUnacceptable(value: unknown, path: readonly (string | number)[]): Unacceptable | undefined {
  if (typeof value === 'string' && unstorableText.test(value))
    return { path, message: 'contains characters that cannot be stored' };
  if (typeof value !== 'object' || value === null) return undefined;
  if (path.length === depthMax)
    return { path: path.slice(0, 1), message: `is nested more than ${depthMax} deep` };
  const entries = Array.isArray(value) ? value.entries() : Object.entries(value);
  for (const [key, child] of entries) {
    const found = findUnacceptable(child, [...path, key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
