import type { RecordContext } from '../processor/record.ts';
import { compareBytes } from './bytes.ts';
import { SortedBytesMap } from './sorted-bytes-map.ts';
import type { KeyRange } from './store-engine.ts';

/** The last value of a key in a cache. A null value is a deletion. */
export interface CacheEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
  /** The record that wrote it, or undefined for a row that was only read. */
  readonly context: RecordContext | undefined;
}

/** An entry that differs from the table, and is still to be written and forwarded. */
export interface DirtyEntry extends CacheEntry {
  readonly context: RecordContext;
}

/**
 * The cache that the stores of a process share. When it is full, it evicts the least recently used
 * entries of the store that has just been written, as Kafka Streams does.
 */
export class StoreCache {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor({ bytesMax }: { readonly bytesMax: number }) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Whether its size is 0. Stores then forward each update, like those declared without caching.
   */
  get isOff(): boolean {
    return this.#bytesMax === 0;
  }

  /** Opens the part of one store. `write` receives what is flushed or evicted, in this order. */
  open(write: (entries: readonly DirtyEntry[]) => void): CachePart {
    return new CachePart(write, (bytes) => {
      this.#bytes += bytes;
      return this.#bytes > this.#bytesMax;
    });
  }
}

interface Slot {
  entry: CacheEntry;
  dirty: boolean;
}

/** The entries of one store. */
export class CachePart {
  readonly #write: (entries: readonly DirtyEntry[]) => void;
  readonly #resize: (bytes: number) => boolean;
  readonly #slots = new SortedBytesMap<Slot>();
  /** All slots, from the least to the most recently used. */
  readonly #recent = new Set<Slot>();
  /** The dirty slots, in the order of the last write of each. */
  readonly #dirty = new Set<Slot>();
  /** The most recently used slot, since a processor reads a key and then writes it. */
  #newest: Slot | undefined;

  constructor(write: (entries: readonly DirtyEntry[]) => void, resize: (bytes: number) => boolean) {
    this.#write = write;
    this.#resize = resize;
  }

  get(key: Uint8Array): CacheEntry | undefined {
    const slot = this.#find(key);
    if (slot === undefined) return undefined;
    this.#touch(slot);
    return slot.entry;
  }

  /** Keeps a row of the table, which needs no flush. */
  keep(key: Uint8Array, value: Uint8Array): void {
    this.#put(key, value, undefined);
  }

  /** Keeps a write until it is flushed or evicted, possibly at once. */
  write(key: Uint8Array, value: Uint8Array | null, context: RecordContext): void {
    this.#put(key, value, context);
  }

  /**
   * Writes all dirty entries, in the order of the last write of each key, and forgets deletions.
   */
  flush(): void {
    this.#flush(undefined);
  }

  /** Forgets all entries, including dirty ones. */
  clear(): void {
    for (const slot of this.#recent) this.#resize(-sizeOf(slot.entry));
    this.#newest = undefined;
    this.#slots.clear();
    this.#recent.clear();
    this.#dirty.clear();
  }

  /** Like `get`, without a change to the order of eviction. */
  peek(key: Uint8Array): CacheEntry | undefined {
    return this.#slots.get(key)?.entry;
  }

  /** Like `entries`, without a change to the order of eviction. */
  *peekEntries(range: KeyRange, reverse: boolean): Generator<CacheEntry, undefined> {
    for (const { value: slot } of this.#slots.entries(range, reverse)) yield slot.entry;
  }

  *entries(range: KeyRange, reverse: boolean): Generator<CacheEntry, undefined> {
    for (const { value: slot } of this.#slots.entries(range, reverse)) {
      this.#touch(slot);
      yield slot.entry;
    }
  }

  #put(key: Uint8Array, value: Uint8Array | null, context: RecordContext | undefined): void {
    const dirty = context !== undefined;
    const known = this.#find(key);
    const slot = known ?? this.#added(key);
    const entry = { key: slot.entry.key, value, context };
    const added = known === undefined ? sizeOf(entry) : sizeOf(entry) - sizeOf(known.entry);
    slot.entry = entry;
    slot.dirty = dirty;
    this.#touch(slot);
    if (dirty) {
      this.#dirty.delete(slot);
      this.#dirty.add(slot);
    }
    let full = this.#resize(added);
    while (full && this.#recent.size > 0) full = this.#evict();
  }

  /**
   * Adds a slot with a copy of the key, since the bytes of a serde may be a small part of Node's
   * pool, and would keep all of it in memory.
   */
  #added(key: Uint8Array): Slot {
    const slot: Slot = { entry: { key: new Uint8Array(key), value: null, context: undefined }, dirty: false };
    this.#slots.set(slot.entry.key, slot);
    return slot;
  }

  #evict(): boolean {
    const [eldest] = this.#recent;
    if (eldest === undefined) return false;
    this.#forget(eldest);
    if (eldest.dirty) this.#flush(eldest);
    return this.#resize(0);
  }

  #flush(evicted: Slot | undefined): void {
    if (evicted !== undefined) this.#dirty.delete(evicted);
    const dirty = [...this.#dirty];
    const slots = evicted === undefined ? dirty : [evicted].concat(dirty);
    this.#dirty.clear();
    const entries = slots.map((slot) => slot.entry as DirtyEntry);
    const deleted = slots.filter((slot) => slot !== evicted && slot.entry.value === null);
    for (const slot of slots) slot.dirty = false;
    if (entries.length > 0) this.#write(entries);
    for (const slot of deleted) if (this.#recent.has(slot) && !slot.dirty) this.#forget(slot);
  }

  #find(key: Uint8Array): Slot | undefined {
    const newest = this.#newest;
    return newest !== undefined && compareBytes(newest.entry.key, key) === 0 ? newest : this.#slots.get(key);
  }

  #touch(slot: Slot): void {
    if (slot === this.#newest) return;
    this.#recent.delete(slot);
    this.#recent.add(slot);
    this.#newest = slot;
  }

  #forget(slot: Slot): void {
    if (slot === this.#newest) this.#newest = undefined;
    this.#slots.delete(slot.entry.key);
    this.#recent.delete(slot);
    this.#dirty.delete(slot);
    this.#resize(-sizeOf(slot.entry));
  }
}

/** Estimates the size of an entry as Kafka Streams does, so that the same entries are evicted. */
function sizeOf({ key, value, context }: CacheEntry): number {
  const bytes = key.length + 45 + (value?.length ?? 0);
  if (context === undefined) return bytes;
  let contextBytes = context.topic.length;
  for (const header of context.headers) contextBytes += header.name.length + (header.value?.length ?? 0);
  return bytes + contextBytes;
}
