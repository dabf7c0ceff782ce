import type { Segment } from './segment.ts';

/** The segments of a partition, oldest first; the last one is the active one, which is appended to. Never empty. */
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

  /** The one whose range holds the offset; the first one for what lies below all. */
  holding(offset: bigint): Segment {
    let [low, high] = [0, this.#segments.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.#segments[middle]!.baseOffset <= offset) low = middle;
      else high = middle - 1;
    }
    return this.#segments[low]!;
  }

  push(segment: Segment): void {
    this.#segments.push(segment);
  }

  /** Takes out those that end at or below the offset, never the active one. */
  takeBelow(offset: bigint): Segment[] {
    const kept = this.#segments.findIndex((segment, place) => (this.#segments[place + 1]?.baseOffset ?? offset + 1n) > offset);
    return this.#segments.splice(0, kept);
  }
}
