import { isDeepStrictEqual } from 'node:util';

/** The values of one place in a state before and after. A value is absent if the state lacks the place. */
export interface Difference {
  /** JSON Pointer (RFC 6901), such as `/lines/0/quantity`. It is empty for the whole state. */
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/**
 * Compares two states, or other JSON values, and returns the smallest places that differ: the fields
 * in the order of the state before, then those that are new. Items of lists are compared by index.
 */
export function stateDifference(before: unknown, after: unknown, path = ''): readonly Difference[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after))
    return [{ path, before, after }];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name): readonly Difference[] => {
    const place = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Object.hasOwn(before, name)) return [{ path: place, after: after[name] }];
    if (!Object.hasOwn(after, name)) return [{ path: place, before: before[name] }];
    return stateDifference(before[name], after[name], place);
  });
}

const isContainer = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
