/** Work of many for the end of the loop's turn, by one `setImmediate` for all of them: before what anyone asks for later in the same turn. */
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
