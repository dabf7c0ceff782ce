import type { WindowRow } from './windowed-keys.ts';

export interface RecentWindowsOptions {
  /** The range of times that is usually fetched at once, in milliseconds. */
  readonly spanMs: number;
  readonly bytesMax: number;
}

/**
 * A copy of the newest rows of a window store with duplicates. It has all rows from `fromMs` on, so
 * a row that is not found there does not exist. Above `bytesMax` it drops the oldest span of time.
 */
export class RecentWindows {
  readonly #spanMs: number;
  readonly #bytesMax: number;
  readonly #spans = new Map<number, RecentRows>();
  /** The numbers of the spans, ascending. */
  readonly #order: number[] = [];
  #bytes = 0;
  #fromMs = 0;
  #latestMs = -1;
  #lastSequence = 0;

  constructor({ spanMs, bytesMax }: RecentWindowsOptions) {
    this.#spanMs = Math.max(spanMs, 1);
    this.#bytesMax = bytesMax;
  }

  /** The time from which all rows are here. */
  get fromMs(): number {
    return this.#fromMs;
  }

  /** An estimate. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds a row that was put into the table, in the order of the sequence numbers. When these
   * restart, earlier rows are left to the table, which sorts by them.
   */
  put({ key, startMs, sequence }: WindowRow, value: Uint8Array): void {
    if (sequence < this.#lastSequence) this.forgetBefore(this.#latestMs + 1);
    this.#lastSequence = sequence;
    if (startMs < this.#fromMs) return;
    this.#latestMs = Math.max(this.#latestMs, startMs);
    const rows = this.#spanOf(startMs);
    this.#bytes -= rows.bytes;
    rows.add(textOf(key), startMs, value);
    this.#bytes += rows.bytes;
    while (this.#bytes > this.#bytesMax) this.#forgetFirst();
  }

  /** Returns the rows of a key within these times, both included, in the order of the table. */
  fetch(key: Uint8Array, fromMs: number, toMs: number): readonly TimedRow[] {
    const found: TimedRow[] = [];
    const first = this.#numberOf(fromMs);
    const last = Math.min(this.#numberOf(toMs), this.#order.at(-1) ?? -1);
    if (first > last) return found;
    const text = textOf(key);
    if (last - first < this.#order.length) {
      for (let at = first; at <= last; at += 1) this.#spans.get(at)?.collect(text, fromMs, toMs, found);
    } else {
      for (const at of this.#order)
        if (at >= first && at <= last) this.#spans.get(at)?.collect(text, fromMs, toMs, found);
    }
    return found;
  }

  /** Leaves the rows before this time to the table. */
  forgetBefore(timeMs: number): void {
    this.#fromMs = Math.max(this.#fromMs, timeMs);
    while ((this.#order[0] ?? Infinity) < this.#numberOf(this.#fromMs)) this.#forgetFirst();
  }

  #numberOf(timeMs: number): number {
    return Math.floor(timeMs / this.#spanMs);
  }

  #spanOf(timeMs: number): RecentRows {
    const number = this.#numberOf(timeMs);
    const known = this.#spans.get(number);
    if (known !== undefined) return known;
    const rows = new RecentRows();
    this.#spans.set(number, rows);
    this.#order.splice(this.#order.findLastIndex((each) => each < number) + 1, 0, number);
    this.#bytes += rows.bytes;
    return rows;
  }

  #forgetFirst(): void {
    const number = this.#order.shift() as number;
    this.#bytes -= this.#spans.get(number)?.bytes ?? 0;
    this.#spans.delete(number);
    this.#fromMs = Math.max(this.#fromMs, (number + 1) * this.#spanMs);
  }
}

/** Returns a key as text, with one character per byte. */
const textOf = (key: Uint8Array): string =>
  (Buffer.isBuffer(key) ? key : Buffer.from(key)).toString('latin1');

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
 * The rows of one span of time. They are stored in one block of bytes, and those of a key are
 * chained from the last one back, so that the garbage collector does not visit single rows.
 */
class RecentRows {
  readonly #lastOfKey = new Map<string, number>();
  /** The previous row of the same key, or -1. */
  readonly #previous: number[] = [];
  readonly #times: number[] = [];
  /** The end of each row's value. */
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

  /** Returns a copy, since the caller may keep it. */
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
