import { keyAfter } from './bytes-order.ts';
import { int64 } from './int64.ts';
import type { Segments } from './segments.ts';
import type { BytesTable, Row, Rows, TableWrite } from './store-engine.ts';
import type { WindowedKeys } from './windowed-keys.ts';

const NOTHING = new Uint8Array(0);

/**
 * The keys of a windowed store in the order of time. It follows each write at once, also those that
 * wait in the cache, so that it always fits what the store reads.
 */
export class TimeIndex {
  readonly #table: BytesTable;
  readonly #keys: WindowedKeys;
  readonly #segments: Segments;

  constructor(table: BytesTable, keys: WindowedKeys, segments: Segments) {
    this.#table = table;
    this.#keys = keys;
    this.#segments = segments;
  }

  put(row: Uint8Array, value: Uint8Array | null): void {
    const key = this.#keys.byTime(row);
    if (value === null) this.#table.put(key, null);
    else if (this.#table.get(key) === null) this.#table.put(key, NOTHING);
  }

  restore(rows: readonly TableWrite[]): void {
    this.#table.restore(
      rows.map(({ key, value }) => ({ key: this.#keys.byTime(key), value: value && NOTHING })),
    );
  }

  /**
   * The rows of live segments whose times lie in this range, both included. They are read as a
   * range of one key, since `get` hides what is older than the retention time.
   */
  *rows(rows: Rows, fromMs: number, toMs: number): Generator<Row, undefined> {
    const firstMs = Math.max(fromMs, this.#segments.firstLive * this.#segments.segmentMs);
    const range = { from: int64(firstMs), before: int64(toMs + 1) };
    for (const { key } of this.#table.rows(range, false)) {
      const row = this.#keys.rowByTime(key);
      yield* rows.rows({ from: row, before: keyAfter(row) }, false);
    }
  }

  deleteExpired(rowsMax: number): void {
    const firstMs = this.#segments.firstLive * this.#segments.segmentMs;
    this.#table.deleteBefore(int64(firstMs), rowsMax);
  }
}
