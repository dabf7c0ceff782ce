import type { RecordContext, Change } from '../processor/record.ts';
import type { StateStore } from '../processor/processor.ts';
import type { Windowed } from '../processor/windows.ts';

/** An iterator. It must be used up or disposed before the call of `process` that opened it ends. */
export interface StoreIterator<T> extends IterableIterator<T>, Disposable {}

export interface Entry<K, V> {
  readonly key: K;
  readonly value: V;
}

/** A value in the window that starts at this time. */
export interface WindowValue<V> {
  readonly startMs: number;
  readonly value: V;
}

export interface ReadOnlyKeyValueStore<K, V> extends StateStore {
  get(key: K): V | null;
  /** Yields the entries from `from` to `to`, both included, in the order of the keys' bytes. */
  range(from?: K, to?: K): StoreIterator<Entry<K, V>>;
  reverseRange(from?: K, to?: K): StoreIterator<Entry<K, V>>;
  all(): StoreIterator<Entry<K, V>>;
  reverseAll(): StoreIterator<Entry<K, V>>;
  /** Yields the entries whose keys' bytes begin with these. */
  prefixScan(prefix: Uint8Array): StoreIterator<Entry<K, V>>;
  approximateEntryCount(): number;
}

export interface KeyValueStore<K, V> extends ReadOnlyKeyValueStore<K, V> {
  /** Puts a value, or deletes it if it is null. */
  put(key: K, value: V | null): void;
  /** Puts the value if there is none, and returns null. Otherwise returns the present value. */
  putIfAbsent(key: K, value: V | null): V | null;
  putAll(entries: Iterable<Entry<K, V | null>>): void;
  /** Returns the deleted value. */
  delete(key: K): V | null;
}

export interface ReadOnlyWindowStore<K, V> extends StateStore {
  fetch(key: K, startMs: number): V | null;
  /**
   * Yields the values of a key whose windows start from `fromMs` to `toMs`, both included,
   * ascending.
   */
  fetchRange(key: K, fromMs: number, toMs: number): StoreIterator<WindowValue<V>>;
  backwardFetchRange(key: K, fromMs: number, toMs: number): StoreIterator<WindowValue<V>>;
  /** Like `fetchRange`, for the keys from `from` to `to`. Undefined stands for no bound. */
  fetchKeys(
    from: K | undefined,
    to: K | undefined,
    fromMs: number,
    toMs: number,
  ): StoreIterator<Entry<Windowed<K>, V>>;
  /**
   * Yields the windows of all keys that start in this range, both included. If the store was opened
   * with `emitsOnClose`, they are ordered by start and then by the keys' bytes. Otherwise they are
   * ordered by segment (a span of half the retention time and at least a minute), then by the keys'
   * bytes, then by start.
   */
  fetchAll(fromMs: number, toMs: number): StoreIterator<Entry<Windowed<K>, V>>;
  all(): StoreIterator<Entry<Windowed<K>, V>>;
}

export interface WindowStore<K, V> extends ReadOnlyWindowStore<K, V> {
  /**
   * Puts a value, or deletes it if it is null. Drops a write that is older than the retention time.
   */
  put(key: K, value: V | null, startMs: number): void;
}

export interface ReadOnlySessionStore<K, V> extends StateStore {
  /**
   * Yields the sessions of a key that end at or after `earliestEndMs` and start at or before
   * `latestStartMs`, by their end.
   */
  findSessions(key: K, earliestEndMs: number, latestStartMs: number): StoreIterator<Entry<Windowed<K>, V>>;
  /**
   * Yields the sessions of all keys that end in this range, both included, by end, start and the
   * keys' bytes.
   */
  findSessionsEnding(earliestEndMs: number, latestEndMs: number): StoreIterator<Entry<Windowed<K>, V>>;
  fetchSession(key: K, startMs: number, endMs: number): V | null;
  fetch(key: K): StoreIterator<Entry<Windowed<K>, V>>;
}

export interface SessionStore<K, V> extends ReadOnlySessionStore<K, V> {
  /**
   * Puts a value, or deletes it if it is null. Drops a write that is older than the retention time.
   */
  put(session: Windowed<K>, value: V | null): void;
  remove(session: Windowed<K>): void;
}

/** An update that waits in a suppress buffer, with the record that brought it. */
export interface BufferedChange<K, V> {
  readonly key: K;
  readonly change: Change<V>;
  readonly context: RecordContext;
}

/**
 * Updates of a table that wait for their time, at most one per key: a later one takes its place.
 */
export interface SuppressBuffer<K, V> extends StateStore {
  readonly recordCount: number;
  /**
   * The bytes of the updates, estimated as Kafka Streams does, so that limits take effect at the
   * same record.
   */
  readonly byteCount: number;
  /** The smallest buffer time, or undefined if the buffer is empty. */
  readonly earliestMs: number | undefined;
  /**
   * Throws `SuppressBytesExceeded` if the buffers of the task hold more than the application
   * allows.
   */
  requireRoom(): void;
  /** Adds an update. If one of its key already waits, it keeps the buffer time of the first. */
  put(bufferTimeMs: number, key: K, change: Change<V>, context: RecordContext): void;
  /**
   * Emits the update with the smallest buffer time, and among equal ones with the smallest bytes of
   * the key. Removes it afterwards, so that readers see the previous value while it is emitted.
   */
  takeEarliest(emit: (update: BufferedChange<K, V>) => void): void;
  /**
   * Returns the value that readers see while an update of the key waits, or undefined if none
   * waits.
   */
  priorValue(key: K): V | null | undefined;
}

/** A change that a cache has held back, with the time of the last record that made it. */
export interface FlushedChange<K, V> {
  readonly key: K;
  readonly change: Change<V>;
  readonly timestampMs: number;
}

/** A store with a cache: updates go downstream when the cache is flushed, and not before. */
export interface CachingStore<K, V> {
  /**
   * Registers a listener. Returns false if the store has no cache, so that the caller must forward
   * updates itself.
   */
  onFlush(listener: (flushed: FlushedChange<K, V>) => void, sendOldValues: boolean): boolean;
}
