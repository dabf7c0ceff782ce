/** An estimate of the memory that a coordinator holds for its clients, with a limit. */
export class HeldBytes {
  readonly #bytesMax: number;
  #used = 0;

  constructor(options: { readonly bytesMax: number }) {
    this.#bytesMax = options.bytesMax;
  }

  get used(): number {
    return this.#used;
  }

  /**
   * A request that adds nothing always fits, even if the state loaded at the start exceeds the
   * limit.
   */
  hasRoomFor(more: number): boolean {
    return more <= 0 || this.#used + more <= this.#bytesMax;
  }

  /** A negative number releases memory. */
  add(bytes: number): void {
    this.#used += bytes;
  }
}
