import type { Segment } from './segment.ts';

/** Keeps the indexes of closed segments that were used last, up to `indexBytesMax`; those of active segments are not counted here. */
export class IndexMemory {
  readonly #indexBytesMax: number;
  readonly #used = new Map<Segment, number>();
  #bytes = 0;

  constructor(options: { readonly indexBytesMax: number }) {
    this.#indexBytesMax = options.indexBytesMax;
  }

  /** After a closed segment has been read. */
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
