import type { Windowed } from '../processor/windowed.ts';
import type { Entry, ReadOnlySessionStore, StoreIterator } from '../state/stores.ts';
import { entriesOfAll, firstAnswer, storedValue, type LocalStores } from './local-stores.ts';

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
