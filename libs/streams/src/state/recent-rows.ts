/** A row of a window store for one key. */
export interface TimedRow {
  readonly startMs: number;
  readonly value: Uint8Array;
}

/** The estimated memory of a row beyond its key and value, and of a span without rows. */
const ROW_BYTES = 96;
const SPAN_BYTES = 512;
const VALUES_BYTES_MIN = 256;

/**
 * Rows of one span of time. They lie in one block of bytes, and those of a key are chained from the
 * last one back, so that the garbage collector does not have to visit single rows.
 */
export class RecentRows {
  readonly #lastOfKey = new Map<string, number>();
  /** The previous row of the same key, or -1. */
  readonly #previous: number[] = [];
  readonly #times: number[] = [];
  /** Where the value of each row ends. */
  readonly #ends: number[] = [];
  #values = Buffer.allocUnsafeSlow(VALUES_BYTES_MIN);
  #bytes = SPAN_BYTES + VALUES_BYTES_MIN;

  /** An estimate of the memory that the rows take. */
  get bytes(): number {
    return this.#bytes;
  }

  add(key: string, startMs: number, value: Uint8Array): void {
    const row = this.#times.length;
    const start = this.#ends.at(-1) ?? 0;
    this.#makeRoom(start + value.length);
    this.#values.set(value, start);
    this.#ends.push(start + value.length);
    this.#times.push(startMs);
    this.#previous.push(this.#lastOfKey.get(key) ?? -1);
    this.#lastOfKey.set(key, row);
    this.#bytes += ROW_BYTES + key.length;
  }

  /** Appends the rows of a key within these times, both included, in the order of time and of writing. */
  collect(key: string, fromMs: number, toMs: number, into: TimedRow[]): void {
    const first = into.length;
    let sorted = true;
    let laterMs = Infinity;
    for (let row = this.#lastOfKey.get(key) ?? -1; row >= 0; row = this.#previous[row] as number) {
      const startMs = this.#times[row] as number;
      if (startMs < fromMs || startMs > toMs) continue;
      if (startMs > laterMs) sorted = false;
      laterMs = startMs;
      into.push({ startMs, value: this.#valueOf(row) });
    }
    if (into.length - first < 2) return;
    const rows = into.splice(first).reverse();
    if (!sorted) rows.sort((one, other) => one.startMs - other.startMs);
    for (const row of rows) into.push(row);
  }

  /** A copy, since the caller may keep it. */
  #valueOf(row: number): Uint8Array {
    const start = row === 0 ? 0 : (this.#ends[row - 1] as number);
    const end = this.#ends[row] as number;
    const value = Buffer.allocUnsafe(end - start);
    this.#values.copy(value, 0, start, end);
    return value;
  }

  #makeRoom(length: number): void {
    if (length <= this.#values.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#values.length));
    grown.set(this.#values);
    this.#bytes += grown.length - this.#values.length;
    this.#values = grown;
  }
}
