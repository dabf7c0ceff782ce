/** Encodes the values of one type and decodes them. */
export interface Serde<T> extends Encoder<T> {
  /** Throws if the bytes are not of this type. */
  decode(bytes: Uint8Array, topic: string): T | null;
}

/** Encodes the values of one type as bytes. Callers never pass null, the tombstone. */
export interface Encoder<T> {
  /** Returns null if the value stands for no value. It then becomes a tombstone. */
  encode(value: T, topic: string): Uint8Array | null;
  /**
   * Returns the bytes that choose the partition of a key, if they are only a part of it: a windowed
   * key goes to the partition of its inner key. Used when an application writes to its own topic.
   */
  partitionKey?(value: T, topic: string): Uint8Array | null;
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

/** Throws `SerdeError` unless the number of bytes is the length of every value of the serde. */
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
