/** V8 keeps typed arrays up to this length in its own heap. */
const HEAP_BYTES_MAX = 64;

/**
 * The bytes from an offset up to another one, which the caller must not change, and should not keep
 * for long. A short array is copied into Node's pool: a view of it would have to move it out of V8's
 * heap, which takes five times as long, and an array of its own takes twice the memory.
 */
export function partOf(bytes: Uint8Array, start: number, end = bytes.length): Uint8Array {
  if (bytes.length > HEAP_BYTES_MAX) return bytes.subarray(start, end);
  const part = Buffer.allocUnsafe(end - start);
  for (let at = start; at < end; at += 1) part[at - start] = bytes[at] as number;
  return part;
}
