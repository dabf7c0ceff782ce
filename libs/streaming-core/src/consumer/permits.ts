/** Lets a limited number of works run at a time; the others wait in the order of their coming. */
export class Permits {
  #free: number;
  readonly #waiting: Array<() => void> = [];

  constructor(concurrentMax: number) {
    this.#free = concurrentMax;
  }

  async use<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
