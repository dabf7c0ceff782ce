const kilobyte = 1_024;
const sizes = [16, 64, 256, 1_024, 4_096].map((kilobytes) => kilobytes * kilobyte);
/** Smaller ones are cheap to allocate. */
const pooledBytesMin = 4 * kilobyte;

/**
 * Memory for large frames and reads, used again: allocating it anew costs more than what is done with it, since V8 marks its whole heap
 * again after every few megabytes outside of it. Who takes a buffer gives it back once nobody looks at it any more, or leaves it to the
 * garbage collector. Nothing is cleared.
 */
export class BufferPool {
  readonly #heldBytesMax: number;
  readonly #free = new Map<number, ArrayBuffer[]>(sizes.map((size) => [size, []]));
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #heldBytes = 0;

  /** `heldBytesMax`: what waits to be used again. */
  constructor(options: { readonly heldBytesMax: number }) {
    this.#heldBytesMax = options.heldBytesMax;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Exactly so many bytes, with anything in them. */
  take(bytes: number): Buffer {
    const size = bytes < pooledBytesMin ? undefined : sizes.find((one) => one >= bytes);
    if (size === undefined) return Buffer.allocUnsafe(bytes);
    const memory = this.#reuse(size) ?? Buffer.allocUnsafeSlow(size).buffer;
    this.#lent.add(memory);
    return Buffer.from(memory, 0, bytes);
  }

  /** Any part of a buffer that was taken; what is not ours, or was given before, is let go. */
  give({ buffer: memory }: Buffer): void {
    if (!this.#lent.delete(memory) || this.#heldBytes + memory.byteLength > this.#heldBytesMax) return;
    this.#free.get(memory.byteLength)?.push(memory as ArrayBuffer);
    this.#heldBytes += memory.byteLength;
  }

  #reuse(size: number): ArrayBuffer | undefined {
    const memory = this.#free.get(size)?.pop();
    if (memory !== undefined) this.#heldBytes -= size;
    return memory;
  }
}
