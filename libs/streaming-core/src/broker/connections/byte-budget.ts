/** Bytes that all connections together may hold. */
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

  /** Somebody has to go. */
  get isExceeded(): boolean {
    return this.#used > this.#bytesMax;
  }

  /** One more may fill memory now, and go beyond the limit with what he takes. */
  get hasRoom(): boolean {
    return this.#used + this.#leaving + this.#foreseen <= this.#bytesMax;
  }

  /** Called when there is room again where there was none. */
  onRoom(listener: () => void): void {
    this.#onRoom = listener;
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

  /** Memory that is filled now and will be added before this turn of the event loop ends. Until then it leaves no room, perhaps twice over. */
  foresee(bytes: number): void {
    if (bytes === 0) return;
    if (this.#foreseen === 0) setImmediate(() => this.#change(() => (this.#foreseen = 0)));
    this.#foreseen += bytes;
  }

  release(bytes: number): void {
    this.#change(() => (this.#used -= bytes));
  }

  /** Whoever holds them was sent away: nobody else has to go for them, but there is room only when they are freed. */
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
