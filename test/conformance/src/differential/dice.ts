import { seededRandom } from '@millrace/testing/random';

/** Random choices that follow from a seed. */
export class Dice {
  readonly #random: () => number;
  #ended = false;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /**
   * Makes every later throw an error. A choice made while a session is played would differ between
   * the engines.
   */
  end(): void {
    this.#ended = true;
  }

  #next(): number {
    if (this.#ended)
      throw new Error(
        'the dice were thrown while a session was being played: choose when the session is written',
      );
    return this.#random();
  }

  /** A whole number between the two, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.#next() * (max - min + 1));
  }

  pick<T>(values: readonly T[]): T {
    return values[this.between(0, values.length - 1)] as T;
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** Returns `usual` most of the time, otherwise one of the others. */
  mostly<T>(usual: T, others: readonly T[], probability = 0.75): T {
    return this.chance(probability) ? usual : this.pick(others);
  }

  /** Returns one of the keys, each as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as Array<[K, number]>;
    let rest = this.#next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      rest -= weight;
      if (rest < 0) return key;
    }
    return entries.at(-1)![0];
  }
}
