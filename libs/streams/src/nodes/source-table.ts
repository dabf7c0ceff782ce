import { readableStore } from './stored-table.ts';
import type { ReadableTable, TableView } from './table-view.ts';

/** A table of a topic. It gets a store only if it was named, or if someone reads it. */
export class SourceTable<K, V> implements TableView<K, V> {
  readonly #storeName: string;
  #isMaterialized: boolean;
  #sendsOldValues = false;

  constructor(storeName: string, isNamed: boolean) {
    this.#storeName = storeName;
    this.#isMaterialized = isNamed;
  }

  /** The store, or undefined if nobody needs one. To be asked when the topology is built. */
  get storeName(): string | undefined {
    return this.#isMaterialized ? this.#storeName : undefined;
  }

  get sendsOldValues(): boolean {
    return this.#sendsOldValues;
  }

  readable(): ReadableTable<K, V> {
    this.#isMaterialized = true;
    return readableStore(this.#storeName);
  }

  enableSendingOldValues(forceMaterialization: boolean): boolean {
    if (!forceMaterialization && !this.#isMaterialized) return false;
    this.#isMaterialized = true;
    this.#sendsOldValues = true;
    return true;
  }
}
