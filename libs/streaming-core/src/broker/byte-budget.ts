/** Bytes that all connections together may hold. */
export class ByteBudget {
  readonly #bytesMax: number;
  #used = 0;

  constructor(options: { readonly bytesMax: number }) {
    this.#bytesMax = options.bytesMax;
  }

  get used(): number {
    return this.#used;
  }

  /** False, and nothing taken, when it would not fit. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#bytesMax) return false;
    this.#used += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#used -= bytes;
  }
}
