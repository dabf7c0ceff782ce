import type { Dice } from '../scripts/dice.ts';
import type { Draft } from './draft.ts';
import type { Aggregation } from './program.ts';

/** Adds a call to the program, if it has the results that the call would be made on. */
export type Draw = (draft: Draft, dice: Dice) => void;

export const aggregations: readonly Aggregation[] = ['count', 'reduce', 'aggregate'];
