/**
 * Turns the values of one type into bytes and back. The callers keep null, the tombstone, away
 * from it: it never encodes or decodes null.
 */
export interface Serde<T> {
  /** Returns null if the value stands for no value, and so becomes a tombstone. */
  encode(value: T, topic: string): Uint8Array | null;
  /** Throws if the bytes are not of this type. */
  decode(bytes: Uint8Array, topic: string): T | null;
}
