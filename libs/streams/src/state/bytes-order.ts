/**
 * Below zero if `one` comes first in the order of unsigned bytes, 0 if they are equal. For keys of
 * some 20 bytes this loop is faster than a call of `Buffer.compare`.
 */
export function compareBytes(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at += 1) {
    const order = (one[at] as number) - (other[at] as number);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

/** The first key after this one. As the end of a range it includes the key. */
export function keyAfter(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1);
  next.set(key);
  return next;
}

/** The first key after all that begin with these bytes, or null if there is none. */
export function prefixEnd(prefix: Uint8Array): Uint8Array | null {
  const last = prefix.findLastIndex((byte) => byte !== 0xff);
  if (last < 0) return null;
  const end = new Uint8Array(prefix.subarray(0, last + 1));
  end[last] = (prefix[last] as number) + 1;
  return end;
}
