import type { Entry, ReadOnlyKeyValueStore, StoreIterator } from '../state/stores.ts';
import { entriesOfAll, firstAnswer, type LocalStores } from './local-stores.ts';

/** The key-value stores of one name in this process, read as one. */
export class KeyValueView<K, S, V> implements ReadOnlyKeyValueStore<K, V> {
  readonly #local: LocalStores<ReadOnlyKeyValueStore<K, S>>;
  readonly #valueOf: (stored: S) => V;

  /** `valueOf` makes what the view returns of what the stores hold. */
  constructor(local: LocalStores<ReadOnlyKeyValueStore<K, S>>, valueOf: (stored: S) => V) {
    this.#local = local;
    this.#valueOf = valueOf;
  }

  get name(): string {
    return this.#local.name;
  }

  get(key: K): V | null {
    const stored = firstAnswer(this.#local, (store) => store.get(key));
    return stored === null ? null : this.#valueOf(stored);
  }

  range(from?: K, to?: K): StoreIterator<Entry<K, V>> {
    return this.#entries((store) => store.range(from, to));
  }

  reverseRange(from?: K, to?: K): StoreIterator<Entry<K, V>> {
    return this.#entries((store) => store.reverseRange(from, to));
  }

  all(): StoreIterator<Entry<K, V>> {
    return this.#entries((store) => store.all());
  }

  reverseAll(): StoreIterator<Entry<K, V>> {
    return this.#entries((store) => store.reverseAll());
  }

  prefixScan(prefix: Uint8Array): StoreIterator<Entry<K, V>> {
    return this.#entries((store) => store.prefixScan(prefix));
  }

  approximateEntryCount(): number {
    return this.#local.stores().reduce((sum, store) => sum + store.approximateEntryCount(), 0);
  }

  #entries(
    read: (store: ReadOnlyKeyValueStore<K, S>) => StoreIterator<Entry<K, S>>,
  ): StoreIterator<Entry<K, V>> {
    return entriesOfAll(this.#local, read, ({ key, value }) => ({ key, value: this.#valueOf(value) }));
  }
}
