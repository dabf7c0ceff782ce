import { types } from 'node:util';

const causesMax = 50;

/** Returns the error, its causes and the errors that it aggregates. */
export function causesOf(error: unknown): readonly Error[] {
  const found: Error[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && found.length < causesMax) {
    const next = waiting.shift();
    if (!types.isNativeError(next)) continue;
    found.push(next);
    waiting.push(
      next.cause,
      ...('errors' in next && Array.isArray(next.errors) ? (next.errors as unknown[]) : []),
    );
  }
  return found;
}
