import type { Logger } from '../runtime/index.ts';

/** Listeners that are called when a partition has more to read, or less. */
export class MoveListeners {
  readonly #partition: string;
  readonly #logger: Logger;
  readonly #listeners = new Set<() => void>();
  #isDue = false;

  constructor(partition: string, logger: Logger) {
    this.#partition = partition;
    this.#logger = logger;
  }

  /** Returns a function that removes the listener. */
  add(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Calls the listeners after the answers of this turn, so that consumers wait for producers and
   * not the other way round. Answers are sent at the end of the turn in the order in which they
   * were scheduled, so this schedules the calls after those of the append and of promises that
   * resolve now.
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
