import { writeInt64 } from '../serdes/number-serdes.ts';

/**
 * Compares unsigned bytes: below zero if `one` comes first, 0 if both are equal. For keys of some
 * 20 bytes this loop is faster than `Buffer.compare`.
 */
export function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const order = (one[at] as number) - (other[at] as number);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

/** Returns the first key after this one. As the excluded end of a range, it includes the key. */
export function keyAfter(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}

/** Returns the first key after all keys that begin with these bytes, or null if there is none. */
export function prefixEnd(prefix: Uint8Array): Uint8Array | null {
  const last = prefix.findLastIndex((byte) => byte !== 0xff);
  if (last < 0) return null;
  const end = new Uint8Array(prefix.subarray(0, last + 1));
  end[last] = (prefix[last] as number) + 1;
  return end;
}

export const INT64_BYTES = 8;
export const INT32_BYTES = 4;

export function int64(value: number): Uint8Array {
  const bytes = new Uint8Array(INT64_BYTES);
  writeInt64(bytes, 0, value);
  return bytes;
}

/** V8 keeps typed arrays up to this length in its own heap. */
const HEAP_BYTES_MAX = 64;

/**
 * Returns the bytes between two offsets. The caller must not change them, and should not keep them
 * for long. A short array is copied into Node's pool: a view would force V8 to move it out of its
 * heap, which takes five times as long, and a separate array would take twice the memory.
 */
export function partOf(bytes: Uint8Array, start: number, end = bytes.length): Uint8Array {
  if (bytes.length > HEAP_BYTES_MAX) return bytes.subarray(start, end);
  const part = Buffer.allocUnsafe(end - start);
  for (let at = start; at < end; at += 1) part[at - start] = bytes[at] as number;
  return part;
}
