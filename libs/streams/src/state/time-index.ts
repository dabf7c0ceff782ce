import { keyAfter, int64 } from './bytes.ts';
import type { Segments } from './segments.ts';
import type { BytesTable, ReadableRows, Row, TableWrite } from './store-engine.ts';
import type { WindowedKeys } from './windowed-keys.ts';

const NOTHING = new Uint8Array(0);

/** The order in which a windowed store finds its rows by time. */
export interface TimeOrder {
  put(row: Uint8Array, value: Uint8Array | null): void;
  /** Yields the rows of live segments whose times lie in this range, both included. */
  rows(rows: ReadableRows, fromMs: number, toMs: number): Generator<Row, undefined>;
}

/**
 * The keys of a windowed store in the order of time. It includes each write at once, even one that
 * waits in the cache, so that it always matches what the store reads.
 */
export class TimeIndex implements TimeOrder {
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

  restore(writes: readonly TableWrite[]): void {
    this.#table.restore(
      writes.map(({ key, value }) => ({ key: this.#keys.byTime(key), value: value && NOTHING })),
    );
  }

  endRestore(): void {
    this.#table.endRestore();
  }

  rows(rows: ReadableRows, fromMs: number, toMs: number): Generator<Row, undefined> {
    return this.#rowsOf(this.#table, rows, fromMs, toMs);
  }

  /**
   * Returns the order for queries, which write nothing. `table` has the keys, either the committed
   * ones or all.
   */
  forQueries(table: ReadableRows = this.#table): TimeOrder {
    return {
      put: () => undefined,
      rows: (rows, fromMs, toMs) => this.#rowsOf(table, rows, fromMs, toMs),
    };
  }

  deleteExpired(rowsMax: number): void {
    this.#table.deleteBefore(int64(this.#firstLiveMs), rowsMax);
  }

  get #firstLiveMs(): number {
    return this.#segments.firstLive * this.#segments.segmentMs;
  }

  /**
   * Yields the rows of index entries. Each is read as a range of one key, since `get` hides rows
   * that are older than the retention time.
   */
  *#rowsOf(table: ReadableRows, rows: ReadableRows, fromMs: number, toMs: number): Generator<Row, undefined> {
    const range = { from: int64(Math.max(fromMs, this.#firstLiveMs)), before: int64(toMs + 1) };
    for (const { key } of table.rows(range, false)) {
      const row = this.#keys.rowByTime(key);
      yield* rows.rows({ from: row, before: keyAfter(row) }, false);
    }
  }
}
