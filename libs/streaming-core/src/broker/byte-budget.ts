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

  get isExceeded(): boolean {
    return this.#used > this.#bytesMax;
  }

  /** False, and nothing taken, when it would not fit. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#bytesMax) return false;
    this.#used += bytes;
    return true;
  }

  /** What is there already, and cannot be refused; false when it is too much. Negative for less of it. */
  add(bytes: number): boolean {
    this.#used += bytes;
    return this.#used <= this.#bytesMax;
  }

  release(bytes: number): void {
    this.#used -= bytes;
  }
}
