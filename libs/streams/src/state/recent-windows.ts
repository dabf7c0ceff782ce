import { RecentRows, type TimedRow } from './recent-rows.ts';
import type { WindowRow } from './window-keys.ts';

export interface RecentWindowsOptions {
  /** How far apart the times are that are usually fetched together, in milliseconds. */
  readonly spanMs: number;
  readonly bytesMax: number;
}

/**
 * A copy of the newest rows of a window store with duplicates. It has all rows from `fromMs` on, so
 * what is not found there does not exist. Beyond `bytesMax` it forgets the oldest span of time.
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
   * Takes a row that the table has got, in the order of the sequence numbers. Once these begin
   * again, earlier rows are left to the table, which sorts by them.
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

  /** The rows of a key within these times, both included, in the order of the table. */
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

/** One character per byte. */
const textOf = (key: Uint8Array): string =>
  (Buffer.isBuffer(key) ? key : Buffer.from(key)).toString('latin1');
