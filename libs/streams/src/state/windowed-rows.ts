import { compareBytes, keyAfter } from './bytes.ts';
import type { RecentWindows } from './recent-windows.ts';
import type { Segments } from './segments.ts';
import type { Row, Rows } from './store-engine.ts';
import type { TimeOrder } from './time-index.ts';
import { inSegment, type WindowedKeys } from './windowed-keys.ts';

/** Bounds of the changelog's keys within each segment, both included. Null stands for no bound. */
export interface WindowedBounds {
  readonly lower: Uint8Array | null;
  readonly upper: Uint8Array | null;
}

/** The rows of a windowed store, which its typed part reads and writes. */
export class WindowedRows {
  /** A copy of the newest rows in memory, if the store keeps one. */
  readonly recent: RecentWindows | undefined;
  readonly #rows: Rows;
  readonly #keys: WindowedKeys;
  readonly #segments: Segments;
  readonly #index: TimeOrder | undefined;
  readonly #showsExpired: boolean;

  /** `showsExpired` says that the rows themselves leave out what is too old to be read. */
  constructor(
    rows: Rows,
    keys: WindowedKeys,
    segments: Segments,
    index: TimeOrder | undefined,
    { showsExpired, recent }: { readonly showsExpired: boolean; readonly recent?: RecentWindows | undefined },
  ) {
    this.recent = recent;
    this.#showsExpired = showsExpired;
    this.#rows = rows;
    this.#keys = keys;
    this.#segments = segments;
    this.#index = index;
  }

  /** Returns the earliest time that can be read, or `fromMs` if that is later. */
  visibleFrom(fromMs: number): number {
    return this.#showsExpired ? Math.max(fromMs, 0) : Math.max(fromMs, this.#segments.visibleFromMs, 0);
  }

  get(changelogKey: Uint8Array): Uint8Array | null {
    return this.#rows.get(this.#keys.row(changelogKey));
  }

  put(changelogKey: Uint8Array, value: Uint8Array | null): void {
    const row = this.#keys.row(changelogKey);
    this.#segments.occupy(this.#segments.segmentOf(this.#keys.timeOf(row)));
    this.#index?.put(row, value);
    this.#rows.put(row, value);
  }

  /**
   * Yields the rows of these times' segments, segment by segment, each in the order of its keys.
   */
  *scan(fromMs: number, toMs: number, bounds: WindowedBounds, reverse: boolean): Generator<Row, undefined> {
    if (bounds.lower !== null && bounds.upper !== null && compareBytes(bounds.lower, bounds.upper) > 0)
      return;
    for (const segment of this.#segments.between(fromMs, toMs, reverse)) {
      const from = inSegment(segment, bounds.lower ?? NO_KEY);
      const before =
        bounds.upper === null ? inSegment(segment + 1, NO_KEY) : keyAfter(inSegment(segment, bounds.upper));
      yield* this.#rows.rows({ from, before }, reverse);
    }
  }

  /**
   * Returns the rows of these times in the order of time, or undefined if the store has no index by
   * time.
   */
  scanByTime(fromMs: number, toMs: number): Generator<Row, undefined> | undefined {
    return this.#index?.rows(this.#rows, fromMs, toMs);
  }
}

const NO_KEY = new Uint8Array(0);

/**
 * Returns a bound at or above each row of the keys up to this one, as coarse as that of Kafka
 * Streams.
 */
export function upperBoundOf(key: Uint8Array, suffixBytes: number): Uint8Array | null {
  if (key.length === 0) return null;
  const bound = new Uint8Array(key.length + suffixBytes).fill(0xff);
  bound[0] = key[0] as number;
  return bound;
}
