import { MalformedRequest } from '../protocol/malformed-request.ts';

const sizeBytes = 4;

/**
 * Cuts a byte stream into frames: `int32 size`, then `size` bytes. Holds what has arrived, never what was announced.
 * A negative size or one beyond the limit throws `MalformedRequest`.
 */
export class FrameSplitter {
  readonly #frameBytesMax: number;
  #chunks: Buffer[] = [];
  #held = 0;
  #needed = sizeBytes;
  #readingSize = true;

  constructor(options: { readonly frameBytesMax: number }) {
    this.#frameBytesMax = options.frameBytesMax;
  }

  /** The frames that this chunk completes, without their sizes, in order. */
  push(chunk: Buffer): readonly Buffer[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    const frames: Buffer[] = [];
    while (this.#held >= this.#needed) {
      const part = this.#take(this.#needed);
      if (this.#readingSize) this.#needed = this.#checkedSize(part.readInt32BE(0));
      else {
        frames.push(part);
        this.#needed = sizeBytes;
      }
      this.#readingSize = !this.#readingSize;
    }
    return frames;
  }

  #checkedSize(size: number): number {
    if (size < 0 || size > this.#frameBytesMax)
      throw new MalformedRequest(`a request of ${size} bytes; at most ${this.#frameBytesMax} are allowed`);
    return size;
  }

  #take(size: number): Buffer {
    const whole = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks, this.#held);
    this.#held -= size;
    this.#chunks = this.#held === 0 ? [] : [whole.subarray(size)];
    return whole.subarray(0, size);
  }
}
