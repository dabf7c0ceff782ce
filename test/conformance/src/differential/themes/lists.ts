import type { Script } from '../script.ts';

/**
 * A list that is empty, contains its usual entry once or twice, or contains something unknown as
 * well.
 */
export const listOf = <T>({ dice }: Script, usual: T, unknown: T): readonly T[] =>
  dice.pick([[], [usual], [usual, usual], [usual, unknown], [unknown, usual, usual]]);
