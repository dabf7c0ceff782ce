import type { RecordContext } from '../processor/record.ts';
import type { KeyCodec } from './key-codec.ts';
import type { OpenIterators } from './open-iterators.ts';
import type { CachePart, DirtyEntry } from './store-cache.ts';
import type { StoreContext } from './store-context.ts';
import { type KeyRange, type ReadableRows, type Row, type Rows, mergedRows } from './store-engine.ts';
import type { FlushedChange } from './stores.ts';
import type { ValueCodec } from './value-codec.ts';

/** A change of a row that leaves the cache. */
interface FlushedRow {
  readonly key: Uint8Array;
  readonly newValue: Uint8Array | null;
  /** Also null if the listener did not ask for old values. */
  readonly oldValue: Uint8Array | null;
  readonly context: RecordContext;
}

interface FlushListener {
  readonly forward: (row: FlushedRow) => void;
  readonly sendOldValues: boolean;
}

/**
 * The parts that all kinds of typed stores have. `S` is the stored value, and `V` the value without
 * its time.
 */
export interface StoreParts<K, S, V> {
  readonly name: string;
  readonly keys: KeyCodec<K>;
  readonly values: ValueCodec<S, V>;
  readonly iterators: OpenIterators;
  /** Undefined without a cache. */
  readonly cached: CachedRows | undefined;
}

/**
 * Calls a listener with each change that leaves the cache of a store. Returns false if the store
 * has none.
 */
export function listenToFlushes<KFlushed, K, S, V>(
  { cached, values }: StoreParts<K, S, V>,
  keyOf: (row: Uint8Array) => KFlushed,
  listener: (flushed: FlushedChange<KFlushed, V>) => void,
  sendOldValues: boolean,
): boolean {
  const decoded = (bytes: Uint8Array | null) => (bytes === null ? null : values.decode(bytes));
  const plain = (stored: S | null) => (stored === null ? null : values.plain(stored));
  cached?.onFlush({
    sendOldValues,
    forward({ key, newValue, oldValue, context }) {
      const stored = decoded(newValue);
      listener({
        key: keyOf(key),
        change: { newValue: plain(stored), oldValue: plain(decoded(oldValue)), isLatest: true },
        timestampMs: values.timeOf(stored, context.timestampMs),
      });
    },
  });
  return cached !== undefined;
}

/** Rows whose writes wait in the cache. Reads see the writes merged with the rows below. */
export class CachedRows implements Rows {
  readonly #inner: Rows;
  readonly #context: StoreContext;
  readonly #keepsReads: boolean;
  readonly #cache: CachePart;
  #listener: FlushListener | undefined;

  constructor(inner: Rows, context: StoreContext, { keepsReads }: { readonly keepsReads: boolean }) {
    this.#inner = inner;
    this.#context = context;
    this.#keepsReads = keepsReads;
    this.#cache = context.cache.open((entries) => {
      for (const entry of entries) this.#write(entry);
    });
  }

  onFlush(listener: FlushListener): void {
    this.#listener = listener;
  }

  flush(): void {
    this.#cache.flush();
  }

  clear(): void {
    this.#cache.clear();
  }

  get(key: Uint8Array): Uint8Array | null {
    const entry = this.#cache.get(key);
    if (entry !== undefined) return entry.value;
    const value = this.#inner.get(key);
    if (value !== null && this.#keepsReads) this.#cache.keep(key, value);
    return value;
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    this.#cache.write(key, value, this.#context.recordContext());
  }

  rows(range: KeyRange, reverse: boolean): Generator<Row, undefined> {
    return mergedRows(this.#cache.entries(range, reverse), this.#inner.rows(range, reverse), reverse);
  }

  /**
   * The same rows for queries from outside, which must not influence what the cache evicts next.
   */
  forQueries(): ReadableRows {
    return {
      get: (key) => {
        const entry = this.#cache.peek(key);
        return entry === undefined ? this.#inner.get(key) : entry.value;
      },
      rows: (range, reverse) =>
        mergedRows(this.#cache.peekEntries(range, reverse), this.#inner.rows(range, reverse), reverse),
    };
  }

  /** Writes an entry. A tombstone for a row that the table never had is ignored. */
  #write({ key, value, context }: DirtyEntry): void {
    const listener = this.#listener;
    const needsOldValue = listener !== undefined && (value === null || listener.sendOldValues);
    const oldValue = needsOldValue ? this.#inner.get(key) : null;
    if (listener !== undefined && value === null && oldValue === null) return;
    this.#context.withRecordContext(context, () => {
      this.#inner.put(key, value);
      listener?.forward({
        key,
        newValue: value,
        oldValue: listener.sendOldValues ? oldValue : null,
        context,
      });
    });
  }
}
