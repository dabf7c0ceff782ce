const kilobyte = 1_024;
const sizes = [16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096].map((kilobytes) => kilobytes * kilobyte);
/** Smaller buffers are cheap to allocate. */
const pooledBytesMin = 4 * kilobyte;

/**
 * Reuses the memory of large frames and reads. Allocating it each time would cost more than the
 * work on it, since V8 marks its whole heap after every few megabytes that are allocated outside of
 * it.
 *
 * The owner of a buffer returns it when nothing refers to it any more, or leaves it to the garbage
 * collector. Memory is not cleared. Returned memory that the pool does not keep is freed at once,
 * because V8 would free it only after hundreds of megabytes more.
 */
export class BufferPool {
  readonly #heldBytesMax: number;
  readonly #free = new Map<number, ArrayBuffer[]>(sizes.map((size) => [size, []]));
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #heldBytes = 0;

  /** `heldBytesMax` limits the memory that waits for reuse. */
  constructor(options: { readonly heldBytesMax: number }) {
    this.#heldBytesMax = options.heldBytesMax;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Returns a buffer of exactly this size, with arbitrary contents. */
  take(bytes: number): Buffer {
    if (bytes < pooledBytesMin) return Buffer.allocUnsafe(bytes);
    const size = sizes.find((one) => one >= bytes) ?? bytes;
    const memory = this.#reuse(size) ?? Buffer.allocUnsafeSlow(size).buffer;
    this.#lent.add(memory);
    return Buffer.from(memory, 0, bytes);
  }

  /**
   * Returns memory to the pool. Any part of the buffer counts as the whole. Afterwards the buffer
   * is empty or has another owner. Ignores memory that the pool has not lent or that was returned
   * before.
   */
  give({ buffer: memory }: Buffer): void {
    if (!this.#lent.delete(memory)) return;
    const free =
      this.#heldBytes + memory.byteLength > this.#heldBytesMax
        ? undefined
        : this.#free.get(memory.byteLength);
    if (free === undefined) return void (memory as ArrayBuffer).transfer(0);
    free.push(memory as ArrayBuffer);
    this.#heldBytes += memory.byteLength;
  }

  #reuse(size: number): ArrayBuffer | undefined {
    const memory = this.#free.get(size)?.pop();
    if (memory !== undefined) this.#heldBytes -= size;
    return memory;
  }
}
