import type { DurationMs } from './duration.ts';

/**
 * Exponential backoff: `first`, twice that, and so on up to `max`. `earlier` is the number of
 * failures before this one.
 */
export const doubled = (first: DurationMs, earlier: number, max: DurationMs): DurationMs =>
  Math.min(max, first * 2 ** Math.min(earlier, 30));
