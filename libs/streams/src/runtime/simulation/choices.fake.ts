/** The choices of a simulation are numbers from 0 to below this. */
export const choiceEnd = 1_000;

/**
 * The events of a simulation, as drawn by a test. Once the numbers are used up, nothing fails any
 * more, so fewer numbers mean fewer faults, and every run ends.
 */
export class Choices {
  readonly #drawn: readonly number[];
  #used = 0;

  constructor(drawn: readonly number[]) {
    this.#drawn = drawn;
  }

  /** Returns true in `permille` of a thousand cases. */
  happens(permille: number): boolean {
    return this.#next() >= choiceEnd - permille;
  }

  /** Returns a whole number from 0 to `end`, excluded. */
  below(end: number): number {
    return this.#next() % end;
  }

  #next(): number {
    return this.#drawn[this.#used++] ?? 0;
  }
}
