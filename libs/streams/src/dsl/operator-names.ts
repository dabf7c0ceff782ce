const indexDigits = 10;

/** The counter of one builder. Each operator draws its name from it, in the order of the calls. */
export class OperatorNames {
  #next = 0;

  /** `named` is the name that the user gave. It takes an index all the same, as in Kafka Streams. */
  node(prefix: string, named?: string): string {
    const drawn = `${prefix}${this.#draw()}`;
    return named ?? drawn;
  }

  /** As `node`, with a suffix after the name that the user gave. */
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
