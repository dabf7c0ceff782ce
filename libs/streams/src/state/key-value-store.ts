import { compareBytes, keyAfter, prefixEnd } from './bytes.ts';
import { listenToFlushes, type StoreParts } from './cached-rows.ts';
import type { KeyRange, Rows } from './store-engine.ts';
import type { CachingStore, Entry, FlushedChange, KeyValueStore, StoreIterator } from './stores.ts';

interface KeyValueParts<K, S, V> extends StoreParts<K, S, V> {
  readonly rows: Rows;
  readonly count: () => number;
}

/** A store of typed keys and values over rows of bytes. */
export class TypedKeyValueStore<K, S, V> implements KeyValueStore<K, S>, CachingStore<K, V> {
  readonly name: string;
  readonly #parts: KeyValueParts<K, S, V>;

  constructor(parts: KeyValueParts<K, S, V>) {
    this.name = parts.name;
    this.#parts = parts;
  }

  get(key: K): S | null {
    return this.#decoded(this.#parts.rows.get(this.#parts.keys.encode(key)));
  }

  put(key: K, value: S | null): void {
    this.#parts.rows.put(this.#parts.keys.encode(key), this.#encoded(value));
  }

  putIfAbsent(key: K, value: S | null): S | null {
    const bytes = this.#parts.keys.encode(key);
    const existing = this.#parts.rows.get(bytes);
    if (existing === null) this.#parts.rows.put(bytes, this.#encoded(value));
    return this.#decoded(existing);
  }

  putAll(entries: Iterable<Entry<K, S | null>>): void {
    for (const { key, value } of entries) this.put(key, value);
  }

  delete(key: K): S | null {
    const bytes = this.#parts.keys.encode(key);
    const existing = this.#parts.rows.get(bytes);
    this.#parts.rows.put(bytes, null);
    return this.#decoded(existing);
  }

  range(from?: K, to?: K): StoreIterator<Entry<K, S>> {
    return this.#entries(this.#between(from, to), false);
  }

  reverseRange(from?: K, to?: K): StoreIterator<Entry<K, S>> {
    return this.#entries(this.#between(from, to), true);
  }

  all(): StoreIterator<Entry<K, S>> {
    return this.range();
  }

  reverseAll(): StoreIterator<Entry<K, S>> {
    return this.reverseRange();
  }

  prefixScan(prefix: Uint8Array): StoreIterator<Entry<K, S>> {
    return this.#entries({ from: prefix, before: prefixEnd(prefix) }, false);
  }

  approximateEntryCount(): number {
    return this.#parts.count();
  }

  onFlush(listener: (flushed: FlushedChange<K, V>) => void, sendOldValues: boolean): boolean {
    const { keys } = this.#parts;
    return listenToFlushes(this.#parts, (key) => keys.decode(key), listener, sendOldValues);
  }

  #between(from: K | undefined, to: K | undefined): KeyRange {
    return {
      from: from === undefined ? null : this.#parts.keys.encode(from),
      before: to === undefined ? null : keyAfter(this.#parts.keys.encode(to)),
    };
  }

  #entries(range: KeyRange, reverse: boolean): StoreIterator<Entry<K, S>> {
    return this.#parts.iterators.open(this.name, this.#decodedRows(range, reverse));
  }

  *#decodedRows(range: KeyRange, reverse: boolean): Generator<Entry<K, S>, undefined> {
    if (range.from !== null && range.before !== null && compareBytes(range.from, range.before) >= 0) return;
    for (const row of this.#parts.rows.rows(range, reverse)) {
      const value = this.#parts.values.decode(row.value);
      if (value !== null) yield { key: this.#parts.keys.decode(row.key), value };
    }
  }

  #encoded(value: S | null): Uint8Array | null {
    return value === null ? null : this.#parts.values.encode(value);
  }

  #decoded(bytes: Uint8Array | null): S | null {
    return bytes === null ? null : this.#parts.values.decode(bytes);
  }
}
