import type { Segment } from './segment.ts';

/**
 * Keeps the most recently used indexes of closed segments in memory, up to `indexBytesMax`. Indexes
 * of active segments do not count.
 */
export class IndexMemory {
  readonly #indexBytesMax: number;
  readonly #used = new Map<Segment, number>();
  #bytes = 0;

  constructor(options: { readonly indexBytesMax: number }) {
    this.#indexBytesMax = options.indexBytesMax;
  }

  /** Call this after a closed segment was read. */
  used(segment: Segment): void {
    this.forget(segment);
    this.#used.set(segment, segment.indexBytes);
    this.#bytes += segment.indexBytes;
    for (const oldest of this.#used.keys()) {
      if (this.#bytes <= this.#indexBytesMax) return;
      this.forget(oldest);
      oldest.forgetIndex();
    }
  }

  forget(segment: Segment): void {
    this.#bytes -= this.#used.get(segment) ?? 0;
    this.#used.delete(segment);
  }
}
