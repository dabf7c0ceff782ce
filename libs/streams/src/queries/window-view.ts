import type { Windowed } from '../processor/windowed.ts';
import type { Entry, ReadOnlyWindowStore, StoreIterator, WindowValue } from '../state/stores.ts';
import { entriesOfAll, firstAnswer, type LocalStores } from './local-stores.ts';

/** The window stores of one name in this process, read as one. */
export class WindowView<K, S, V> implements ReadOnlyWindowStore<K, V> {
  readonly #local: LocalStores<ReadOnlyWindowStore<K, S>>;
  readonly #valueOf: (stored: S) => V;

  /** `valueOf` makes what the view returns of what the stores hold. */
  constructor(local: LocalStores<ReadOnlyWindowStore<K, S>>, valueOf: (stored: S) => V) {
    this.#local = local;
    this.#valueOf = valueOf;
  }

  get name(): string {
    return this.#local.name;
  }

  fetch(key: K, startMs: number): V | null {
    const stored = firstAnswer(this.#local, (store) => store.fetch(key, startMs));
    return stored === null ? null : this.#valueOf(stored);
  }

  fetchRange(key: K, fromMs: number, toMs: number): StoreIterator<WindowValue<V>> {
    return this.#values((store) => store.fetchRange(key, fromMs, toMs));
  }

  backwardFetchRange(key: K, fromMs: number, toMs: number): StoreIterator<WindowValue<V>> {
    return this.#values((store) => store.backwardFetchRange(key, fromMs, toMs));
  }

  fetchKeys(
    from: K | undefined,
    to: K | undefined,
    fromMs: number,
    toMs: number,
  ): StoreIterator<Entry<Windowed<K>, V>> {
    return this.#entries((store) => store.fetchKeys(from, to, fromMs, toMs));
  }

  fetchAll(fromMs: number, toMs: number): StoreIterator<Entry<Windowed<K>, V>> {
    return this.#entries((store) => store.fetchAll(fromMs, toMs));
  }

  all(): StoreIterator<Entry<Windowed<K>, V>> {
    return this.#entries((store) => store.all());
  }

  #values(
    read: (store: ReadOnlyWindowStore<K, S>) => StoreIterator<WindowValue<S>>,
  ): StoreIterator<WindowValue<V>> {
    return entriesOfAll(this.#local, read, ({ startMs, value }) => ({
      startMs,
      value: this.#valueOf(value),
    }));
  }

  #entries(
    read: (store: ReadOnlyWindowStore<K, S>) => StoreIterator<Entry<Windowed<K>, S>>,
  ): StoreIterator<Entry<Windowed<K>, V>> {
    return entriesOfAll(this.#local, read, ({ key, value }) => ({ key, value: this.#valueOf(value) }));
  }
}
