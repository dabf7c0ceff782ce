import type { RecordContext, Change } from '../processor/record.ts';
import type { StateStore } from '../processor/processor.ts';
import type { Windowed } from '../processor/windows.ts';

/** Must be used up or disposed before the call of `process` that opened it ends. */
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
  /** Entries from `from` to `to`, both included, in the order of the keys' bytes. */
  range(from?: K, to?: K): StoreIterator<Entry<K, V>>;
  reverseRange(from?: K, to?: K): StoreIterator<Entry<K, V>>;
  all(): StoreIterator<Entry<K, V>>;
  reverseAll(): StoreIterator<Entry<K, V>>;
  /** Entries whose key's bytes begin with these. */
  prefixScan(prefix: Uint8Array): StoreIterator<Entry<K, V>>;
  approximateEntryCount(): number;
}

export interface KeyValueStore<K, V> extends ReadOnlyKeyValueStore<K, V> {
  /** Null deletes. */
  put(key: K, value: V | null): void;
  /** Returns the value that was there, or null after it has put this one. */
  putIfAbsent(key: K, value: V | null): V | null;
  putAll(entries: Iterable<Entry<K, V | null>>): void;
  /** Returns what was deleted. */
  delete(key: K): V | null;
}

export interface ReadOnlyWindowStore<K, V> extends StateStore {
  fetch(key: K, startMs: number): V | null;
  /** Values of a key whose windows start from `fromMs` to `toMs`, both included, ascending. */
  fetchRange(key: K, fromMs: number, toMs: number): StoreIterator<WindowValue<V>>;
  backwardFetchRange(key: K, fromMs: number, toMs: number): StoreIterator<WindowValue<V>>;
  /** As `fetchRange` for the keys from `from` to `to`. Undefined is no bound. */
  fetchKeys(
    from: K | undefined,
    to: K | undefined,
    fromMs: number,
    toMs: number,
  ): StoreIterator<Entry<Windowed<K>, V>>;
  /**
   * Windows of all keys that start in this range, both included. They come by start and then by the
   * keys' bytes if the store was opened with `emitsOnClose`. Else they come by segment, which is a
   * span of half the retention time and at least a minute, then by the keys' bytes, then by start.
   */
  fetchAll(fromMs: number, toMs: number): StoreIterator<Entry<Windowed<K>, V>>;
  all(): StoreIterator<Entry<Windowed<K>, V>>;
}

export interface WindowStore<K, V> extends ReadOnlyWindowStore<K, V> {
  /** Null deletes. Drops what is older than the retention time. */
  put(key: K, value: V | null, startMs: number): void;
}

export interface ReadOnlySessionStore<K, V> extends StateStore {
  /** Sessions of a key that end at or after `earliestEndMs` and start at or before `latestStartMs`, by their end. */
  findSessions(key: K, earliestEndMs: number, latestStartMs: number): StoreIterator<Entry<Windowed<K>, V>>;
  /** Sessions of all keys that end in this range, both included, by end, start and the keys' bytes. */
  findSessionsEnding(earliestEndMs: number, latestEndMs: number): StoreIterator<Entry<Windowed<K>, V>>;
  fetchSession(key: K, startMs: number, endMs: number): V | null;
  fetch(key: K): StoreIterator<Entry<Windowed<K>, V>>;
}

export interface SessionStore<K, V> extends ReadOnlySessionStore<K, V> {
  /** Null deletes. Drops what is older than the retention time. */
  put(session: Windowed<K>, value: V | null): void;
  remove(session: Windowed<K>): void;
}

/** An update that waits in a suppress buffer, with the record that brought it. */
export interface BufferedChange<K, V> {
  readonly key: K;
  readonly change: Change<V>;
  readonly context: RecordContext;
}

/** Updates of a table that wait for their time. At most one per key: a later one takes its place. */
export interface SuppressBuffer<K, V> extends StateStore {
  readonly recordCount: number;
  /** Estimated as Kafka Streams estimates it, so that limits in bytes take effect at the same record. */
  readonly byteCount: number;
  /** The smallest buffer time, or undefined if the buffer is empty. */
  readonly earliestMs: number | undefined;
  /** Throws if the buffers of the task hold more than the application allows. */
  requireRoom(): void;
  /** An update of a key that waits already keeps the buffer time of the first. */
  put(bufferTimeMs: number, key: K, change: Change<V>, context: RecordContext): void;
  /**
   * Emits the update with the smallest buffer time, then the smallest bytes of the key. Removes it
   * afterwards: while it is emitted, readers still see the value before it.
   */
  takeEarliest(emit: (update: BufferedChange<K, V>) => void): void;
  /** The value that readers see while an update of the key waits. Undefined if none waits. */
  priorValue(key: K): V | null | undefined;
}

/** A change that a cache has held back, with the time of the last record that made it. */
export interface FlushedChange<K, V> {
  readonly key: K;
  readonly change: Change<V>;
  readonly timestampMs: number;
}

/** A store behind a cache: updates go downstream when the cache is flushed, and not before. */
export interface CachingStore<K, V> {
  /** Returns false if the store has no cache, and the caller forwards by itself. */
  onFlush(listener: (flushed: FlushedChange<K, V>) => void, sendOldValues: boolean): boolean;
}
