import { compareBytes } from './bytes-order.ts';
import { SortedBytesMap } from './sorted-bytes-map.ts';
import type { BytesTable, KeyRange, Row, TableWrite } from './store-engine.ts';

interface Undo {
  readonly key: Uint8Array;
  readonly previous: Uint8Array | undefined;
}

/** A table in memory, with the writes to undo until they are committed. */
export class MemoryTable implements BytesTable {
  readonly #rows = new SortedBytesMap<Uint8Array>();
  #undo: Undo[] = [];

  get(key: Uint8Array): Uint8Array | null {
    return this.#rows.get(key) ?? null;
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    const ownKey = owned(key);
    const previous = value === null ? this.#rows.delete(ownKey) : this.#rows.set(ownKey, owned(value));
    this.#undo.push({ key: ownKey, previous });
  }

  *rows({ from, before }: KeyRange, reverse: boolean): Generator<Row, undefined> {
    if (reverse) {
      for (let row = this.#rows.lastBefore(before); row !== undefined; row = this.#rows.lastBefore(row.key)) {
        if (from !== null && compareBytes(row.key, from) < 0) return;
        yield row;
      }
      return;
    }
    for (let row = this.#rows.firstFrom(from); row !== undefined; row = this.#rows.firstFrom(row.key, true)) {
      if (before !== null && compareBytes(row.key, before) >= 0) return;
      yield row;
    }
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

  restore(writes: readonly TableWrite[]): void {
    for (const { key, value } of writes) this.put(key, value);
  }

  commit(): void {
    this.#undo = [];
  }

  rollback(): void {
    for (const { key, previous } of this.#undo.reverse()) {
      if (previous === undefined) this.#rows.delete(key);
      else this.#rows.set(key, previous);
    }
    this.#undo = [];
  }
}

/** The bytes, copied if they are part of a larger buffer, which they would keep in memory. */
const owned = (bytes: Uint8Array): Uint8Array =>
  bytes.byteLength === bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
