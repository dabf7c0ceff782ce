/** Memory that clients make a coordinator hold, estimated, and its limit. */
export class HeldBytes {
  readonly #bytesMax: number;
  #used = 0;

  constructor(options: { readonly bytesMax: number }) {
    this.#bytesMax = options.bytesMax;
  }

  get used(): number {
    return this.#used;
  }

  /** Whoever asks for nothing more has room, also where a start found more than the limit. */
  hasRoomFor(more: number): boolean {
    return more <= 0 || this.#used + more <= this.#bytesMax;
  }

  /** Negative for what is held no longer. */
  add(bytes: number): void {
    this.#used += bytes;
  }
}
