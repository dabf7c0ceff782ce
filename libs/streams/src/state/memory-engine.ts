import { compareBytes } from './bytes.ts';
import { SortedBytesMap } from './sorted-bytes-map.ts';
import {
  type BytesTable,
  type CommittedTable,
  type StoreEngine,
  type KeyRange,
  type Row,
  type TableWrite,
  mergedRows,
} from './store-engine.ts';

/** An engine whose tables are lost with the process. */
export class MemoryEngine implements StoreEngine {
  readonly #tables = new Map<string, MemoryTable>();
  readonly #offsets = new Map<string, bigint>();
  readonly diskBytes = 0;

  table(name: string): BytesTable {
    return this.#table(name);
  }

  committed(name: string): CommittedTable {
    return this.#table(name).committed();
  }

  offset(changelogTopic: string): bigint | null {
    return this.#offsets.get(changelogTopic) ?? null;
  }

  commit(offsets: ReadonlyMap<string, bigint>): void {
    for (const table of this.#tables.values()) table.commit();
    for (const [topic, offset] of offsets) this.#offsets.set(topic, offset);
  }

  rollback(): void {
    for (const table of this.#tables.values()) table.rollback();
  }

  reasonToRefuse(): null {
    return null;
  }

  discardIfCorrupt(): boolean {
    return false;
  }

  close(): void {
    this.#tables.clear();
    this.#offsets.clear();
  }

  #table(name: string): MemoryTable {
    const existing = this.#tables.get(name);
    if (existing !== undefined) return existing;
    const table = new MemoryTable();
    this.#tables.set(name, table);
    return table;
  }
}

/** A table in memory, which keeps the committed value of each row until the next commit. */
class MemoryTable implements BytesTable {
  readonly #rows = new SortedBytesMap<Uint8Array>();
  readonly #committed = new SortedBytesMap<Uint8Array | null>();
  /** The number of rows added since the last commit, minus the deleted ones. */
  #grown = 0;

  get(key: Uint8Array): Uint8Array | null {
    return this.#rows.get(key) ?? null;
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    const before = this.#rows.size;
    const previous = value === null ? this.#rows.delete(key) : this.#rows.set(key, value);
    this.#grown += this.#rows.size - before;
    if (this.#committed.get(key) === undefined) this.#committed.set(key, previous ?? null);
  }

  rows(range: KeyRange, reverse: boolean): Generator<Row, undefined> {
    return this.#rows.entries(range, reverse);
  }

  count(): number {
    return this.#rows.size;
  }

  deleteBefore(key: Uint8Array, rowsMax: number): number {
    for (let deleted = 0; deleted < rowsMax; deleted += 1) {
      const first = this.#rows.firstFrom(null);
      if (first === undefined || compareBytes(first.key, key) >= 0) return deleted;
      this.put(first.key, null);
    }
    return rowsMax;
  }

  /**
   * Restores rows. Copies their bytes, which are parts of the much larger answers of the broker.
   */
  restore(writes: readonly TableWrite[]): void {
    for (const { key, value } of writes) this.put(new Uint8Array(key), value && new Uint8Array(value));
  }

  endRestore(): void {
    // Each row is already in its place.
  }

  /** The rows without the writes since the last commit. */
  committed(): CommittedTable {
    return {
      get: (key) => {
        const previous = this.#committed.get(key);
        return previous === undefined ? this.get(key) : previous;
      },
      rows: (range, reverse) =>
        mergedRows(this.#committed.entries(range, reverse), this.rows(range, reverse), reverse),
      count: () => this.#rows.size - this.#grown,
    };
  }

  commit(): void {
    this.#committed.clear();
    this.#grown = 0;
  }

  rollback(): void {
    for (const { key, value } of this.#committed.entries({ from: null, before: null }, false)) {
      if (value === null) this.#rows.delete(key);
      else this.#rows.set(key, value);
    }
    this.commit();
  }
}
