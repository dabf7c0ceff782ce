/** Numbers below this are drawn for a simulation. */
export const choiceEnd = 1_000;

/**
 * The events of a simulation, as drawn by a test. Once the numbers are used up, everything goes
 * well, so a run with fewer numbers has fewer faults, and every run comes to an end.
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
