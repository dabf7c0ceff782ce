/**
 * Turns the values of one type into bytes and back. The callers keep null, the tombstone, away
 * from it: it never encodes or decodes null.
 */
export interface Serde<T> {
  /** Returns null if the value stands for no value, and so becomes a tombstone. */
  encode(value: T, topic: string): Uint8Array | null;
  /**
   * The bytes that choose the partition of a key, if they are not all of its bytes: a windowed key
   * goes where its inner key goes. Used where an application writes to a topic of its own.
   */
  partitionKey?(value: T, topic: string): Uint8Array | null;
  /** Throws if the bytes are not of this type. */
  decode(bytes: Uint8Array, topic: string): T | null;
}
