/** Bytes that all connections together may hold. */
export class ByteBudget {
  readonly #bytesMax: number;
  readonly #onRoom: () => void;
  #used = 0;

  /** `onRoom` is called when less than the limit is used again. */
  constructor(options: { readonly bytesMax: number; readonly onRoom?: () => void }) {
    this.#bytesMax = options.bytesMax;
    this.#onRoom = options.onRoom ?? (() => undefined);
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

  /** What is there already, and cannot be refused. */
  add(bytes: number): void {
    this.#used += bytes;
  }

  release(bytes: number): void {
    const wasExceeded = this.isExceeded;
    this.#used -= bytes;
    if (wasExceeded && !this.isExceeded) this.#onRoom();
  }
}
