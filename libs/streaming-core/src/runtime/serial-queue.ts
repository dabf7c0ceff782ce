/**
 * Creates a queue that runs one piece of work at a time, in the order of the calls. A failure
 * reaches its own caller only; the queue continues with the next piece.
 */
export function serialQueue(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

/**
 * Runs work on the same key one piece at a time, in the order of the calls. Keys do not wait for
 * each other.
 */
export class SerialQueues<Key> {
  readonly #last = new Map<Key, Promise<unknown>>();

  isBusy(key: Key): boolean {
    return this.#last.has(key);
  }

  run<Result>(key: Key, work: () => Promise<Result>): Promise<Result> {
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
