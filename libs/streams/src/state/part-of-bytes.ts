/** V8 keeps typed arrays up to this length in its own heap. */
const HEAP_BYTES_MAX = 64;

/**
 * The bytes from an offset up to another one, which the caller must not change. A short array is
 * copied: a view of it would have to move it out of V8's heap, which takes five times as long.
 */
export const partOf = (bytes: Uint8Array, start: number, end = bytes.length): Uint8Array =>
  bytes.length <= HEAP_BYTES_MAX ? bytes.slice(start, end) : bytes.subarray(start, end);
