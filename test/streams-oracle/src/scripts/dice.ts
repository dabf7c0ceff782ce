import { seededRandom } from '@millrace/testing/random';

/** Random choices, the same for the same seed. */
export interface Dice {
  /** A whole number between the two, both included. */
  between(min: number, max: number): number;
  pick<T>(values: readonly T[]): T;
  chance(probability: number): boolean;
}

export function diceOf(seed: number): Dice {
  const random = seededRandom(seed);
  const between = (min: number, max: number) => min + Math.floor(random() * (max - min + 1));
  return {
    between,
    pick: (values) => values[between(0, values.length - 1)] as (typeof values)[number],
    chance: (probability) => random() < probability,
  };
}
