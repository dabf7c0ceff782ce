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

/**
 * The segments of a partition, oldest first. The last one is active: batches are appended to it.
 * Never empty.
 */
export class SegmentList {
  #segments: Segment[];

  constructor(segments: readonly Segment[]) {
    this.#segments = [...segments];
  }

  get all(): readonly Segment[] {
    return this.#segments;
  }
  get first(): Segment {
    return this.#segments[0]!;
  }
  get active(): Segment {
    return this.#segments.at(-1)!;
  }
  get sizeBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  }

  /**
   * The segment to read the offset from: the first one for an offset below all, the next one for an
   * offset that compaction removed from the end of a segment.
   */
  holding(offset: bigint): Segment {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#segments[middle]!.baseOffset <= offset) low = middle;
      else high = middle - 1;
    }
    const found = this.#segments[low]!;
    return offset >= found.nextOffset ? (this.#segments[low + 1] ?? found) : found;
  }

  push(segment: Segment): void {
    this.#segments.push(segment);
  }

  /** Replaces consecutive segments with one. */
  replace(run: readonly Segment[], by: Segment): void {
    const at = this.#segments.indexOf(run[0]!);
    this.#segments = [...this.#segments.slice(0, at), by, ...this.#segments.slice(at + run.length)];
  }

  /** Removes and returns the segments that end at or below the offset, except the active one. */
  takeBelow(offset: bigint): Segment[] {
    const kept = this.#segments.findIndex(
      (segment, place) => (this.#segments[place + 1]?.baseOffset ?? offset + 1n) > offset,
    );
    return this.#segments.splice(0, kept);
  }
}
