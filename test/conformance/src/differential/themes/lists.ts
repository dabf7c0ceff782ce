import type { Script } from '../script.ts';

/** A list with what it usually has: nothing, once, twice, or with something unknown beside it. */
export const listOf = <T>({ dice }: Script, usual: T, unknown: T): readonly T[] =>
  dice.pick([[], [usual], [usual, usual], [usual, unknown], [unknown, usual, usual]]);
