import { compareBytes } from './bytes.ts';
import type { ExpectedState } from './state-meta.ts';

/** A row of a table. */
export interface Row {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A row to write. A null value deletes it. */
export interface TableWrite {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** The keys from `from` (included) to `before` (excluded). Null stands for no bound. */
export interface KeyRange {
  readonly from: Uint8Array | null;
  readonly before: Uint8Array | null;
}

/** Rows in the order of their keys' unsigned bytes, as in RocksDB. */
export interface ReadableRows {
  get(key: Uint8Array): Uint8Array | null;
  /**
   * Yields rows, in descending order if `reverse`. Rows that are written in the meantime may be
   * missed.
   */
  rows(range: KeyRange, reverse: boolean): IterableIterator<Row>;
}

export interface Rows extends ReadableRows {
  /**
   * Puts a value, or deletes the row if it is null. The caller must not change the bytes
   * afterwards.
   */
  put(key: Uint8Array, value: Uint8Array | null): void;
}

/** The rows of a table as of the last commit. */
export interface CommittedTable extends ReadableRows {
  count(): number;
}

/** A table of an engine. Reads see its own writes before they are committed. */
export interface BytesTable extends Rows {
  count(): number;
  /** Deletes at most `rowsMax` rows below a key, the lowest first. Returns how many it deleted. */
  deleteBefore(key: Uint8Array, rowsMax: number): number;
  /**
   * Puts many rows, in this order. This is fast, for a restore: rows may wait in a heap until the
   * table is used in another way.
   */
  restore(writes: readonly TableWrite[]): void;
  /** Moves restored rows to their places. */
  endRestore(): void;
}

/** Options of a table. */
export interface TableOptions {
  /** Whether the rows are kept only in memory, whatever the engine. */
  readonly inMemory: boolean;
}

/** The tables of one task, which are committed together with the offsets of their changelogs. */
export interface StoreEngine {
  /**
   * Returns the table of this name, which is empty if there was none. The first call for a name must
   * not follow a write that is not committed.
   */
  table(name: string, options: TableOptions): BytesTable;
  /** Returns the table of this name, which must be open, without uncommitted writes. */
  committed(name: string, options: TableOptions): CommittedTable;
  /** Returns the next offset of a changelog to restore, or null if none was ever committed. */
  offset(changelogTopic: string): bigint | null;
  /**
   * Commits all writes since the last commit, together with the next offsets of their changelogs.
   * The engine is caught up if it then has all records of its changelogs.
   */
  commit(offsets: ReadonlyMap<string, bigint>, isCaughtUp?: boolean): void;
  /** Undoes all writes since the last commit. */
  rollback(): void;
  /** The bytes that the tables take on the disk, including uncommitted changes. */
  readonly diskBytes: number;
  /**
   * Returns why the stored state cannot be continued, as a sentence for the log, or null if it can.
   */
  reasonToRefuse(expected: ExpectedState): string | null;
  /**
   * Reads all stored rows. If they are damaged, it closes the engine, deletes them and returns
   * true.
   */
  discardIfCorrupt(): boolean;
  /** Releases the tables. Writes since the last commit are lost. */
  close(): void;
}

/** Rows that throw when they are written, for the committed view of a store. */
export const readOnlyRows = (storeName: string, rows: ReadableRows): Rows => ({
  get: (key) => rows.get(key),
  rows: (range, reverse) => rows.rows(range, reverse),
  put() {
    throw new TypeError(`This is a view of the store ${storeName}, which only its task can write.`);
  },
});

/**
 * Merges rows with entries that hide the rows of the same key. Both must be in the requested order.
 */
export function* mergedRows(
  hiding: Iterator<TableWrite>,
  stored: Iterator<Row>,
  reverse: boolean,
): Generator<Row, undefined> {
  const sign = reverse ? -1 : 1;
  let entry = hiding.next();
  let row = stored.next();
  while (entry.done !== true || row.done !== true) {
    const order =
      row.done === true ? -1 : entry.done === true ? 1 : compareBytes(entry.value.key, row.value.key) * sign;
    if (entry.done !== true && order <= 0) {
      const { key, value } = entry.value;
      if (value !== null) yield { key, value };
      entry = hiding.next();
    }
    if (row.done !== true && order >= 0) {
      if (order > 0) yield row.value;
      row = stored.next();
    }
  }
}
