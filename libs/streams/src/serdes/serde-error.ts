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
