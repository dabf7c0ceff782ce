/**
 * Runs work on the same key one piece at a time, in the order of the calls. Keys do not wait for
 * each other.
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  take<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work);
    const done = turn.then(
      () => undefined,
      () => undefined,
    );
    this.#last.set(key, done);
    void done.then(() => {
      if (this.#last.get(key) === done) this.#last.delete(key);
    });
    return turn;
  }

  async idle(): Promise<void> {
    await Promise.all(this.#last.values());
  }
}
