import { MalformedRequest } from '../wire-reader.ts';

const sizeBytes = 4;
/** The default keeps the first memory of a frame small, so that a false size costs nothing. */
const carefulBytes = 65_536;
const growth = 4;
/**
 * When less than this is missing, reading ahead saves more system calls than reading in place saves
 * copies.
 */
const spaceBytesMin = 16_384;

/** Provides the memory of frames. */
export interface FrameMemory {
  /** Returns a buffer of exactly this size. */
  take(bytes: number): Buffer;
  /** Takes back a buffer that the splitter no longer needs. */
  give(buffer: Buffer): void;
}

interface FrameSplitterOptions {
  readonly frameBytesMax: number;
  readonly buffers: FrameMemory;
  /**
   * The memory that a frame may take before its bytes have arrived. The default is 64 KiB. A frame
   * that fits into it is never copied to grow.
   */
  readonly startBytesMax?: number;
}

/**
 * Cuts a byte stream into frames: `int32 size`, then `size` bytes. Once a frame has outgrown its
 * first memory, it takes at most four times the bytes that have arrived, whatever size was
 * announced. A size that is negative or over the limit throws `MalformedRequest`.
 */
export class FrameSplitter {
  readonly #frameBytesMax: number;
  readonly #buffers: FrameMemory;
  readonly #startBytesMax: number;
  #announced = 0;
  #announcedBytes = 0;
  #frame: Buffer | undefined;
  #filled = 0;

  constructor({ frameBytesMax, buffers, startBytesMax = carefulBytes }: FrameSplitterOptions) {
    this.#frameBytesMax = frameBytesMax;
    this.#buffers = buffers;
    this.#startBytesMax = startBytesMax;
  }

  /** Whether a frame has begun and is not complete. */
  get isUnfinished(): boolean {
    return this.#announcedBytes > 0;
  }

  /**
   * Returns memory to read the next bytes into, where `push` uses them without a copy. Returns
   * undefined when the bytes may be read into any other buffer.
   */
  space(): Buffer | undefined {
    const missing = this.#announced - this.#filled;
    if (this.#frame === undefined || missing < spaceBytesMin) return undefined;
    const frame =
      this.#frame.length - this.#filled < spaceBytesMin ? this.#grow(this.#filled + 1) : this.#frame;
    return frame.subarray(this.#filled);
  }

  /**
   * Passes the frames that this chunk completes to `take`, in order and without their sizes. Frames
   * in front of an invalid size are passed too. The chunk may be reused afterwards.
   */
  push(chunk: Buffer, take: (frame: Buffer) => void): void {
    for (let at = 0; at < chunk.length;) {
      at += this.#frame === undefined ? this.#readSize(chunk, at) : this.#fill(this.#frame, chunk, at);
      if (this.#frame !== undefined && this.#filled === this.#announced) take(this.#finished(this.#frame));
    }
  }

  /** Releases the memory of an unfinished frame at the end of the stream. */
  close(): void {
    if (this.#frame !== undefined) this.#buffers.give(this.#frame);
    this.#frame = undefined;
  }

  #readSize(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + sizeBytes - this.#announcedBytes);
    for (let index = at; index < end; index += 1)
      this.#announced = (this.#announced << 8) | (chunk[index] as number);
    this.#announcedBytes += end - at;
    if (this.#announcedBytes === sizeBytes) this.#begin(chunk.length - end);
    return end - at;
  }

  #begin(arrived: number): void {
    const size = this.#announced;
    if (size < 0 || size > this.#frameBytesMax)
      throw new MalformedRequest(
        foreignProtocol(size) ??
          `a request of ${size} bytes; the limit is ${this.#frameBytesMax} (socket.request.max.bytes)`,
      );
    this.#frame = this.#buffers.take(Math.min(size, Math.max(this.#startBytesMax, arrived)));
    this.#filled = 0;
  }

  #fill(frame: Buffer, chunk: Buffer, at: number): number {
    const count = Math.min(chunk.length - at, this.#announced - this.#filled);
    const inPlace =
      chunk.buffer === frame.buffer && chunk.byteOffset + at === frame.byteOffset + this.#filled;
    if (!inPlace) {
      const room = this.#filled + count > frame.length ? this.#grow(this.#filled + count) : frame;
      chunk.copy(room, this.#filled, at, at + count);
    }
    this.#filled += count;
    return count;
  }

  #grow(bytesMin: number): Buffer {
    const small = this.#frame as Buffer;
    const large = this.#buffers.take(Math.min(this.#announced, Math.max(bytesMin, growth * this.#filled)));
    small.copy(large, 0, 0, this.#filled);
    this.#buffers.give(small);
    this.#frame = large;
    return large;
  }

  #finished(frame: Buffer): Buffer {
    const size = this.#announced;
    this.#frame = undefined;
    this.#announced = 0;
    this.#announcedBytes = 0;
    return frame.length === size ? frame : frame.subarray(0, size);
  }
}

const httpMethods: ReadonlySet<string> = new Set([
  'GET ',
  'HEAD',
  'POST',
  'PUT ',
  'DELE',
  'OPTI',
  'PATC',
  'CONN',
  'PRI ',
]);
/** The first two bytes of a TLS handshake record, whose major version is always 3. */
const tlsHello = 0x1603;

/**
 * Recognizes the protocol of a peer that has connected to the wrong port or with the wrong setting,
 * by the bytes in place of a size.
 */
function foreignProtocol(size: number): string | undefined {
  if (size >>> 16 === tlsHello)
    return 'a TLS handshake: this broker speaks plaintext, set security.protocol=PLAINTEXT in the client';
  const bytes = Buffer.alloc(sizeBytes);
  bytes.writeInt32BE(size);
  return httpMethods.has(bytes.toString('latin1'))
    ? 'an HTTP request: this is the port of the Kafka protocol'
    : undefined;
}
