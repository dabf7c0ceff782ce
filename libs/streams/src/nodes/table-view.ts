import type { ValueAndTimestamp } from '../processor/record.ts';
import type { NodeContext } from '../processor/node.ts';
import type { KeyValueStore } from '../state/stores.ts';

/**
 * Reads the newest value of a key of a table with its time, or null if there is none. It is
 * declared as a method, so that a `KTable<string, V>` is accepted where a `KTable<string | null,
 * V>` is expected.
 */
export type ValueGetter<K, V> = { get(key: K): ValueAndTimestamp<V> | null }['get'];

/** How a processor reads a table. It must be connected to the stores. */
export interface ReadableTable<K, V> {
  readonly storeNames: readonly string[];
  valueGetter(context: NodeContext): ValueGetter<K, V>;
}

/** A table as the operators downstream see it while the graph is being built. */
export interface TableView<K, V> {
  /** Gives a source table a store if it has none, since only a store can be read. */
  readable(): ReadableTable<K, V>;
  /**
   * Asks the table to forward old values. Returns false if that needs a store which the table does
   * not have, unless `forceMaterialization` gives it one.
   */
  enableSendingOldValues(forceMaterialization: boolean): boolean;
}

/** Reads a table from its store, whose values have a time. */
export const readableStore = <K, V>(storeName: string): ReadableTable<K, V> => ({
  storeNames: [storeName],
  valueGetter(context) {
    const store = context.store<KeyValueStore<K, ValueAndTimestamp<V>>>(storeName);
    return (key) => store.get(key);
  },
});

/** A table that always has a store, such as that of an aggregation. */
export class StoredTable<K, V> implements TableView<K, V> {
  readonly #readable: ReadableTable<K, V>;
  #sendsOldValues = false;

  constructor(readable: ReadableTable<K, V>) {
    this.#readable = readable;
  }

  /**
   * Whether updates carry the old value. Valid once the topology is built, since operators
   * downstream may ask for old values.
   */
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
