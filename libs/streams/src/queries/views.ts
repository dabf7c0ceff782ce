import type { Windowed } from '../processor/windows.ts';
import type {
  Entry,
  ReadOnlyKeyValueStore,
  StoreIterator,
  ReadOnlyWindowStore,
  WindowValue,
  ReadOnlySessionStore,
} from '../state/stores.ts';
import { entriesOfAll, firstAnswer, type LocalStores, storedValue } from './local-stores.ts';

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

/** The session stores of one name in this process, read as one. */
export class SessionView<K, V> implements ReadOnlySessionStore<K, V> {
  readonly #local: LocalStores<ReadOnlySessionStore<K, V>>;

  constructor(local: LocalStores<ReadOnlySessionStore<K, V>>) {
    this.#local = local;
  }

  get name(): string {
    return this.#local.name;
  }

  fetchSession(key: K, startMs: number, endMs: number): V | null {
    return firstAnswer(this.#local, (store) => store.fetchSession(key, startMs, endMs));
  }

  fetch(key: K): StoreIterator<Entry<Windowed<K>, V>> {
    return entriesOfAll(this.#local, (store) => store.fetch(key), storedValue);
  }

  findSessions(key: K, earliestEndMs: number, latestStartMs: number): StoreIterator<Entry<Windowed<K>, V>> {
    return entriesOfAll(
      this.#local,
      (store) => store.findSessions(key, earliestEndMs, latestStartMs),
      storedValue,
    );
  }

  findSessionsEnding(earliestEndMs: number, latestEndMs: number): StoreIterator<Entry<Windowed<K>, V>> {
    return entriesOfAll(
      this.#local,
      (store) => store.findSessionsEnding(earliestEndMs, latestEndMs),
      storedValue,
    );
  }
}
