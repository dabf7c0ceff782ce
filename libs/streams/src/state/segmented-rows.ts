import type { DropReason } from '../processor/node.ts';
import { int64 } from './bytes.ts';
import type { RecentWindows } from './recent-windows.ts';
import type { Segments } from './segments.ts';
import type { BytesTable, KeyRange, ReadableRows, Row, Rows, TableWrite } from './store-engine.ts';
import type { TimeIndex } from './time-index.ts';
import { changelogKeyOf, type WindowedKeys } from './windowed-keys.ts';

const CLEANUP_ROWS_MIN = 1_000;
/**
 * The largest number of rows read to find the latest time of a table. Reading them takes a few
 * hundredths of a second.
 */
const LATEST_ROWS_MAX = 10_000;

/** The parts of a windowed store's rows. */
export interface SegmentedParts {
  readonly table: BytesTable;
  readonly keys: WindowedKeys;
  readonly segments: Segments;
  /**
   * The copy of the newest rows. It leaves to the table the rows that a restore has written, and
   * drops those that expire.
   */
  readonly recent: RecentWindows | undefined;
  readonly log: (changelogKey: Uint8Array, value: Uint8Array | null) => void;
  readonly drop: (reason: DropReason) => void;
  /**
   * Whether deletions are only logged and do not change the table, as in stores with duplicates.
   */
  readonly skipsDeletions: boolean;
  /** Whether a deletion in an expired segment counts as dropped. */
  readonly countsExpiredDeletions: boolean;
}

/**
 * Rows of a windowed store. A write is stored and logged while its segment is live, and only logged
 * afterwards.
 */
export class SegmentedRows implements Rows {
  readonly #parts: SegmentedParts;
  #writtenSinceCleanup = 0;

  constructor(parts: SegmentedParts) {
    this.#parts = parts;
    this.#occupyAgain();
  }

  get(key: Uint8Array): Uint8Array | null {
    const { table, keys, segments } = this.#parts;
    return keys.timeOf(key) < segments.visibleFromMs ? null : table.get(key);
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    const { keys, segments, log, drop, skipsDeletions, countsExpiredDeletions } = this.#parts;
    if (value !== null || !skipsDeletions) {
      segments.observe(keys.timeOf(key));
      const isKept = this.#write(key, value);
      if (!isKept && (value !== null || countsExpiredDeletions)) drop('expired_window');
    }
    log(changelogKeyOf(key), value);
  }

  rows(range: KeyRange, reverse: boolean): IterableIterator<Row> {
    return this.#parts.table.rows(range, reverse);
  }

  /**
   * Applies records of the changelog. All of them count for the latest write before the first one
   * is applied.
   */
  restore(rows: readonly TableWrite[]): void {
    const { table, keys, segments, recent } = this.#parts;
    for (const { key } of rows) segments.observe(keys.timeOf(key));
    recent?.forgetBefore(segments.observedMs + 1);
    const { firstLive } = segments;
    const live = rows.filter(({ key }) => {
      const segment = segments.segmentOf(keys.timeOf(key));
      if (segment >= firstLive) segments.occupy(segment);
      return segment >= firstLive;
    });
    table.restore(live);
    this.#writtenSinceCleanup += live.length;
  }

  endRestore(): void {
    this.#parts.table.endRestore();
  }

  /** Hides rows that are too old to be read here from other rows of this store. */
  visible(rows: ReadableRows): ReadableRows {
    const { keys, segments } = this.#parts;
    return {
      get: (key) => (keys.timeOf(key) < segments.visibleFromMs ? null : rows.get(key)),
      rows: (range, reverse) => rows.rows(range, reverse),
    };
  }

  /**
   * Deletes rows of segments that are not live, oldest first. It deletes twice as many as were
   * written since the last call, and at least 1,000, so that a commit stays short and the remainder
   * cannot grow.
   */
  deleteExpired(index: TimeIndex | undefined): void {
    const { table, segments, recent } = this.#parts;
    recent?.forgetBefore(segments.visibleFromMs);
    const rowsMax = Math.max(CLEANUP_ROWS_MIN, 2 * this.#writtenSinceCleanup);
    table.deleteBefore(int64(segments.firstLive), rowsMax);
    index?.deleteExpired(rowsMax);
    this.#writtenSinceCleanup = 0;
  }

  /**
   * Occupies the segments of a table that has rows. Its latest write is known to lie in the last
   * segment, so no write is accepted whose segment may have been deleted before the store was
   * closed.
   */
  #occupyAgain(): void {
    const { table, keys, segments, recent } = this.#parts;
    for (const reverse of [false, true]) {
      const [row] = table.rows({ from: null, before: null }, reverse);
      if (row === undefined) return;
      const segment = segments.segmentOf(keys.timeOf(row.key));
      segments.occupy(segment);
      segments.observe(segment * segments.segmentMs);
      if (reverse) recent?.forgetBefore(this.#afterRowsFrom(segment));
    }
  }

  /**
   * Returns a time after all rows, given their last segment. It is exact if the segment has few
   * rows.
   */
  #afterRowsFrom(segment: number): number {
    const { table, keys, segments } = this.#parts;
    let latestMs = 0;
    let count = 0;
    for (const { key } of table.rows({ from: int64(segment), before: null }, false)) {
      count += 1;
      if (count > LATEST_ROWS_MAX) return (segment + 1) * segments.segmentMs;
      latestMs = Math.max(latestMs, keys.timeOf(key));
    }
    return latestMs + 1;
  }

  #write(key: Uint8Array, value: Uint8Array | null): boolean {
    const { table, keys, segments } = this.#parts;
    const timeMs = keys.timeOf(key);
    if (!segments.isLive(timeMs)) return false;
    segments.occupy(segments.segmentOf(timeMs));
    table.put(key, value);
    this.#writtenSinceCleanup += 1;
    return true;
  }
}
