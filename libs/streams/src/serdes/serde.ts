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

/** A value that a serde cannot encode, or bytes that it cannot decode. The message names serde and topic. */
export class SerdeError extends Error {
  readonly serde: string;
  readonly topic: string;

  constructor(serde: string, topic: string, problem: string, options?: ErrorOptions) {
    super(`serde ${serde}, topic ${topic}: ${problem}`, options);
    this.name = 'SerdeError';
    this.serde = serde;
    this.topic = topic;
  }
}

/** Throws unless there are as many bytes as each value of the serde has. */
export function checkLength(serde: string, topic: string, bytes: Uint8Array, expected: number): void {
  if (bytes.length === expected) return;
  throw new SerdeError(
    serde,
    topic,
    `expected ${expected} ${expected === 1 ? 'byte' : 'bytes'}, got ${bytes.length}. ` +
      'Give the topic the serde that it was written with',
  );
}

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
