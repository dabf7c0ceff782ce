const indexDigits = 10;

/** The counter of one builder. Each operator takes its name from it, in the order of the calls. */
export class OperatorNames {
  #next = 0;

  /**
   * Returns `named`, the user's name, or a generated one. Both use up an index, as in Kafka
   * Streams.
   */
  node(prefix: string, named?: string): string {
    const drawn = `${prefix}${this.#draw()}`;
    return named ?? drawn;
  }

  /** Like `node`, with a suffix after the user's name. */
  suffixedNode(prefix: string, named: string | undefined, suffix: string): string {
    return this.node(prefix, named === undefined ? undefined : `${named}${suffix}`);
  }

  store(prefix: string): string {
    return `${prefix}STATE-STORE-${this.#draw()}`;
  }

  #draw(): string {
    const index = String(this.#next).padStart(indexDigits, '0');
    this.#next += 1;
    return index;
  }
}
