/** The number of bytes that all connections together may hold. */
export class ByteBudget {
  readonly #bytesMax: number;
  #onRoom: () => void = () => undefined;
  #used = 0;
  #leaving = 0;
  #foreseen = 0;

  constructor(options: { readonly bytesMax: number }) {
    this.#bytesMax = options.bytesMax;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether a connection has to be closed to get below the limit. */
  get isExceeded(): boolean {
    return this.#used > this.#bytesMax;
  }

  /** Whether another connection may fill memory now. What it adds may exceed the limit. */
  get hasRoom(): boolean {
    return this.#used + this.#leaving + this.#foreseen <= this.#bytesMax;
  }

  onRoom(listener: () => void): void {
    this.#onRoom = listener;
  }

  /** Returns false, and takes nothing, when the bytes do not fit. */
  take(bytes: number): boolean {
    if (this.#used + bytes > this.#bytesMax) return false;
    this.#used += bytes;
    return true;
  }

  /** Counts bytes that exist already and cannot be refused. */
  add(bytes: number): void {
    this.#used += bytes;
  }

  /**
   * Announces memory that is filled now and will be added before this turn of the event loop ends.
   * Until the turn ends it takes room, in part perhaps twice.
   */
  foresee(bytes: number): void {
    if (bytes === 0) return;
    if (this.#foreseen === 0) setImmediate(() => this.#change(() => (this.#foreseen = 0)));
    this.#foreseen += bytes;
  }

  release(bytes: number): void {
    this.#change(() => (this.#used -= bytes));
  }

  /**
   * Subtracts the bytes of a connection that is being closed, so that no other connection is closed
   * for them. They make room only once they are freed.
   */
  dismiss(bytes: number): void {
    this.#used -= bytes;
    this.#leaving += bytes;
  }

  free(bytes: number): void {
    this.#change(() => (this.#leaving -= bytes));
  }

  #change(work: () => void): void {
    const before = this.hasRoom;
    work();
    if (!before && this.hasRoom) this.#onRoom();
  }
}
