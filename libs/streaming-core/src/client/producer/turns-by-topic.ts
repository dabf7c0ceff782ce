/** Runs work in the order of the calls, for each of its topics. */
export class TurnsByTopic {
  readonly #last = new Map<string, Promise<void>>();

  /** Returns true if earlier work for one of these topics has not ended. */
  areTaken(topics: readonly string[]): boolean {
    return topics.some((topic) => this.#last.has(topic));
  }

  /** Runs `work`, which never rejects, after the earlier work for these topics. */
  take(topics: readonly string[], work: () => Promise<void>): void {
    const before = topics.map((topic) => this.#last.get(topic));
    const turn = Promise.all(before)
      .then(work)
      .finally(() => {
        for (const topic of topics) if (this.#last.get(topic) === turn) this.#last.delete(topic);
      });
    for (const topic of topics) this.#last.set(topic, turn);
  }
}
