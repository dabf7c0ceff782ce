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

  /** The one to read the offset from; the first one for what lies below all, the next one for what compaction took from a segment's end. */
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

  /** One in the place of a run of others. */
  replace(run: readonly Segment[], by: Segment): void {
    const at = this.#segments.indexOf(run[0]!);
    this.#segments = [...this.#segments.slice(0, at), by, ...this.#segments.slice(at + run.length)];
  }

  /** Takes out those that end at or below the offset, never the active one. */
  takeBelow(offset: bigint): Segment[] {
    const kept = this.#segments.findIndex(
      (segment, place) => (this.#segments[place + 1]?.baseOffset ?? offset + 1n) > offset,
    );
    return this.#segments.splice(0, kept);
  }
}
