const kilobyte = 1_024;
const sizes = [16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096].map((kilobytes) => kilobytes * kilobyte);
/** Smaller ones are cheap to allocate. */
const pooledBytesMin = 4 * kilobyte;

/**
 * Memory for large frames and reads, used again: allocating it anew costs more than what is done with it, since V8 marks its whole heap
 * again after every few megabytes outside of it. Who takes a buffer gives it back once nobody looks at it any more, or leaves it to the
 * garbage collector. Nothing is cleared. What is not kept is freed as it comes back: V8 would get round to it hundreds of megabytes later.
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
    if (bytes < pooledBytesMin) return Buffer.allocUnsafe(bytes);
    const size = sizes.find((one) => one >= bytes) ?? bytes;
    const memory = this.#reuse(size) ?? Buffer.allocUnsafeSlow(size).buffer;
    this.#lent.add(memory);
    return Buffer.from(memory, 0, bytes);
  }

  /** Any part of a buffer that was taken: it is empty afterwards, or somebody else's. What is not ours, or was given before, is let go. */
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
