/**
 * Runs the work of many callers at the end of the event loop's turn, with a single `setImmediate`.
 * It runs before anything that is scheduled later in the same turn.
 */
export class EndOfTurn {
  #due: Array<() => void> = [];

  add(work: () => void): void {
    if (this.#due.push(work) === 1) setImmediate(() => this.#run());
  }

  #run(): void {
    const due = this.#due;
    this.#due = [];
    for (const work of due) work();
  }
}
