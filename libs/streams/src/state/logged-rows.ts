import type { KeyRange, Row, Rows } from './store-engine.ts';

/** Rows of which each write is also written to the changelog. */
export class LoggedRows implements Rows {
  readonly #table: Rows;
  readonly #log: (key: Uint8Array, value: Uint8Array | null) => void;

  constructor(table: Rows, log: (key: Uint8Array, value: Uint8Array | null) => void) {
    this.#table = table;
    this.#log = log;
  }

  get(key: Uint8Array): Uint8Array | null {
    return this.#table.get(key);
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    this.#table.put(key, value);
    this.#log(key, value);
  }

  rows(range: KeyRange, reverse: boolean): IterableIterator<Row> {
    return this.#table.rows(range, reverse);
  }
}
