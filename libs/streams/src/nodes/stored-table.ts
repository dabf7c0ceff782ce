import type { ValueAndTimestamp } from '../processor/change.ts';
import type { KeyValueStore } from '../state/stores.ts';
import type { ReadableTable, TableView } from './table-view.ts';

/** Reads a table from its store, whose values have a time. */
export const readableStore = <K, V>(storeName: string): ReadableTable<K, V> => ({
  storeNames: [storeName],
  valueGetter(context) {
    const store = context.store<KeyValueStore<K, ValueAndTimestamp<V>>>(storeName);
    return (key) => store.get(key);
  },
});

/** A table that always has a store, as an aggregation has. */
export class StoredTable<K, V> implements TableView<K, V> {
  readonly #readable: ReadableTable<K, V>;
  #sendsOldValues = false;

  constructor(readable: ReadableTable<K, V>) {
    this.#readable = readable;
  }

  /** To be asked when a task starts: operators downstream may have asked for old values by then. */
  get sendsOldValues(): boolean {
    return this.#sendsOldValues;
  }

  readable(): ReadableTable<K, V> {
    return this.#readable;
  }

  enableSendingOldValues(): boolean {
    this.#sendsOldValues = true;
    return true;
  }
}
