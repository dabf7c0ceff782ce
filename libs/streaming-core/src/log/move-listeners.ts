import type { Logger } from '../runtime/index.ts';

/** Those who want to know when there is more to read of a partition, or less. */
export class MoveListeners {
  readonly #partition: string;
  readonly #logger: Logger;
  readonly #listeners = new Set<() => void>();
  #isDue = false;

  constructor(partition: string, logger: Logger) {
    this.#partition = partition;
    this.#logger = logger;
  }

  /** Returns the way to stop it. */
  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * After the answers of this turn are on their way: consumers wait for producers, not the other way round. Answers leave at the end of the turn,
   * in the order in which they were asked to, so this asks later than whoever appended, and than promises that are resolved now.
   */
  wake(): void {
    if (this.#isDue || this.#listeners.size === 0) return;
    this.#isDue = true;
    process.nextTick(() => setImmediate(() => this.#callAll()));
  }

  #callAll(): void {
    this.#isDue = false;
    for (const listener of [...this.#listeners]) this.#call(listener);
  }

  #call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#logger.error({ err: error, partition: this.#partition }, 'a listener of the partition failed');
    }
  }
}
