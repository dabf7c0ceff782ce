import { compareBytes } from './bytes.ts';
import type { KeyRange } from './store-engine.ts';

interface Chunk<V> {
  readonly keys: Uint8Array[];
  readonly values: V[];
}

interface Place<V> {
  readonly chunk: Chunk<V>;
  readonly index: number;
  readonly found: boolean;
}

export interface SortedEntry<V> {
  readonly key: Uint8Array;
  readonly value: V;
}

const CHUNK_ENTRIES_MAX = 256;

/**
 * A map in the order of its keys' unsigned bytes. It consists of sorted chunks of at most 256
 * entries, so that an insertion moves few of them. Entries may be changed during an iteration.
 */
export class SortedBytesMap<V> {
  readonly #chunks: Chunk<V>[] = [{ keys: [], values: [] }];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: Uint8Array): V | undefined {
    const { chunk, index, found } = this.#place(key);
    return found ? chunk.values[index] : undefined;
  }

  /** Returns the value that was there before. */
  set(key: Uint8Array, value: V): V | undefined {
    const { chunk, index, found } = this.#place(key);
    if (found) {
      const previous = chunk.values[index];
      chunk.values[index] = value;
      return previous;
    }
    chunk.keys.splice(index, 0, key);
    chunk.values.splice(index, 0, value);
    this.#size += 1;
    if (chunk.keys.length > CHUNK_ENTRIES_MAX) this.#split(chunk);
    return undefined;
  }

  /** Returns the value that was there before. */
  delete(key: Uint8Array): V | undefined {
    const { chunk, index, found } = this.#place(key);
    if (!found) return undefined;
    const [previous] = chunk.values.splice(index, 1);
    chunk.keys.splice(index, 1);
    this.#size -= 1;
    if (chunk.keys.length === 0 && this.#chunks.length > 1)
      this.#chunks.splice(this.#chunks.indexOf(chunk), 1);
    return previous;
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#chunks.push({ keys: [], values: [] });
    this.#size = 0;
  }

  /** Yields the entries, in descending order if `reverse`. */
  *entries({ from, before }: KeyRange, reverse: boolean): Generator<SortedEntry<V>, undefined> {
    let next = reverse ? this.lastBefore(before) : this.firstFrom(from);
    while (next !== undefined) {
      const { key } = next;
      if (reverse && from !== null && compareBytes(key, from) < 0) return;
      if (!reverse && before !== null && compareBytes(key, before) >= 0) return;
      yield next;
      next = reverse ? this.lastBefore(key) : this.firstFrom(key, true);
    }
  }

  /** The first entry at or after a key, or after it if `excluded`. */
  firstFrom(key: Uint8Array | null, excluded = false): SortedEntry<V> | undefined {
    const at = key === null ? 0 : this.#chunkOf(key);
    for (let position = at; position < this.#chunks.length; position += 1) {
      const chunk = this.#chunks[position] as Chunk<V>;
      const index = key === null ? 0 : lowerBound(chunk.keys, key, excluded);
      if (index < chunk.keys.length) return entryAt(chunk, index);
    }
    return undefined;
  }

  /** The last entry before a key. */
  lastBefore(key: Uint8Array | null): SortedEntry<V> | undefined {
    const at = key === null ? this.#chunks.length - 1 : this.#chunkOf(key);
    for (let position = at; position >= 0; position -= 1) {
      const chunk = this.#chunks[position] as Chunk<V>;
      const index = key === null ? chunk.keys.length : lowerBound(chunk.keys, key, false);
      if (index > 0) return entryAt(chunk, index - 1);
    }
    return undefined;
  }

  #place(key: Uint8Array): Place<V> {
    const chunk = this.#chunks[this.#chunkOf(key)] as Chunk<V>;
    const index = lowerBound(chunk.keys, key, false);
    const found = index < chunk.keys.length && compareBytes(chunk.keys[index] as Uint8Array, key) === 0;
    return { chunk, index, found };
  }

  /** The last chunk that begins at or before the key, or the first. */
  #chunkOf(key: Uint8Array): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (compareBytes((this.#chunks[middle] as Chunk<V>).keys[0] as Uint8Array, key) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #split(chunk: Chunk<V>): void {
    const half = chunk.keys.length >>> 1;
    const upper = { keys: chunk.keys.splice(half), values: chunk.values.splice(half) };
    this.#chunks.splice(this.#chunks.indexOf(chunk) + 1, 0, upper);
  }
}

function lowerBound(keys: readonly Uint8Array[], key: Uint8Array, excluded: boolean): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = compareBytes(keys[middle] as Uint8Array, key);
    if (order < 0 || (excluded && order === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

const entryAt = <V>(chunk: Chunk<V>, index: number): SortedEntry<V> => ({
  key: chunk.keys[index] as Uint8Array,
  value: chunk.values[index] as V,
});
