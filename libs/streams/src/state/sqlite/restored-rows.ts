import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { compareBytes } from '../bytes.ts';
import type { TableWrite } from '../store-engine.ts';
import { ROWS_PER_INSERT, type tableStatements } from './statements.sql.ts';

/** The number of rows that may wait in the heap. Moving them into the tree takes about a second. */
const HEAP_ROWS_MAX = 400_000;

/**
 * The rows of a restore, in the order of the log. They wait in a heap until the first use of the
 * table, and then move into its tree in the order of their keys: restoring 400,000 rows took a
 * third of the time that way. Rows that come in the order of their keys, such as those of windows
 * and of numbered keys, go to the end of the tree at once, and are written once instead of twice.
 */
export class RestoredRows {
  readonly #tree: RowInserts;
  readonly #heap: RowInserts;
  readonly #lastKeyOfTree: StatementSync;
  readonly #countHeap: StatementSync;
  readonly #settle: StatementSync;
  readonly #settleDeletions: StatementSync;
  readonly #clear: StatementSync;
  #waiting = 0;
  /** The largest key of the tree. Null if the tree is empty, undefined if it has not been read. */
  #lastKey: Uint8Array | null | undefined;

  constructor(database: DatabaseSync, sql: ReturnType<typeof tableStatements>) {
    this.#tree = new RowInserts(database.prepare(sql.insertMany), database.prepare(sql.insertOne));
    this.#heap = new RowInserts(database.prepare(sql.heapMany), database.prepare(sql.heapOne));
    this.#lastKeyOfTree = database.prepare(sql.lastKey);
    this.#countHeap = database.prepare(sql.heapCount);
    this.#settle = database.prepare(sql.settle);
    this.#settleDeletions = database.prepare(sql.settleDeletions);
    this.#clear = database.prepare(sql.clearHeap);
    this.lookAgain();
  }

  /** Whether rows wait in the heap. */
  get areWaiting(): boolean {
    return this.#waiting > 0;
  }

  /**
   * Reads the tree and the heap again. Call it after a rollback, when the rows are those of the
   * last commit.
   */
  lookAgain(): void {
    this.#waiting = (this.#countHeap.get() as { count: number }).count;
    this.forgetLastKey();
  }

  /** Forgets the largest key. Call it before others write to the tree. */
  forgetLastKey(): void {
    this.#lastKey = undefined;
  }

  append(writes: readonly TableWrite[]): void {
    if (this.#waiting === 0 && this.#isEndOfTree(writes)) {
      this.#tree.insert(writes);
      // A copy, since the key may be a small part of the bytes of a fetch.
      this.#lastKey = new Uint8Array(writes.at(-1)!.key);
      return;
    }
    this.#heap.insert(writes);
    this.#waiting += writes.length;
    if (this.#waiting >= HEAP_ROWS_MAX) this.settle();
  }

  settle(): void {
    this.#settle.run();
    this.#settleDeletions.run();
    this.#clear.run();
    this.#waiting = 0;
    this.forgetLastKey();
  }

  /** Returns whether the keys ascend from the largest key of the tree. A deletion is not a row. */
  #isEndOfTree(writes: readonly TableWrite[]): boolean {
    if (this.#lastKey === undefined) {
      const lastRow = this.#lastKeyOfTree.get() as Pick<TableWrite, 'key'> | undefined;
      this.#lastKey = lastRow?.key ?? null;
    }
    let last = this.#lastKey;
    for (const { key, value } of writes) {
      if (value === null || (last !== null && compareBytes(last, key) >= 0)) return false;
      last = key;
    }
    return true;
  }
}

/** Inserts into one table. A statement with many rows is several times faster than one per row. */
class RowInserts {
  readonly #many: StatementSync;
  readonly #one: StatementSync;

  constructor(many: StatementSync, one: StatementSync) {
    this.#many = many;
    this.#one = one;
  }

  insert(writes: readonly TableWrite[]): void {
    let start = 0;
    for (; start + ROWS_PER_INSERT <= writes.length; start += ROWS_PER_INSERT) {
      const values: (Uint8Array | null)[] = [];
      for (let at = start; at < start + ROWS_PER_INSERT; at += 1) {
        const { key, value } = writes[at] as TableWrite;
        values.push(key, value);
      }
      this.#many.run(...values);
    }
    for (const { key, value } of writes.slice(start)) this.#one.run(key, value);
  }
}
