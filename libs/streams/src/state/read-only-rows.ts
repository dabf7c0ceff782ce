import type { ReadableRows, Rows } from './store-engine.ts';

/** Rows that throw when they are written, for the committed view of a store. */
export const readOnlyRows = (storeName: string, rows: ReadableRows): Rows => ({
  get: (key) => rows.get(key),
  rows: (range, reverse) => rows.rows(range, reverse),
  put() {
    throw new TypeError(`This is a view of the store ${storeName}, which only its task can write.`);
  },
});
