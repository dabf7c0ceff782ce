const SEGMENT_MS_MIN = 60_000;

/**
 * Decides which times a windowed store keeps, as the segments of Kafka Streams do. A write is
 * accepted while its segment is live, and can be read while it is within the retention time of the
 * latest write. A new task starts without a latest write.
 */
export class Segments {
  readonly segmentMs: number;
  readonly #retentionMs: number;
  readonly #visibleMs: number;
  #observedMs = -1;
  #first = Number.POSITIVE_INFINITY;
  #last = -1;

  /** `visibleMs` is how far before the latest write a time can be read. */
  constructor({ retentionMs, visibleMs }: { readonly retentionMs: number; readonly visibleMs: number }) {
    this.#retentionMs = retentionMs;
    this.#visibleMs = visibleMs;
    this.segmentMs = Math.max(Math.floor(retentionMs / 2), SEGMENT_MS_MIN);
  }

  segmentOf(timeMs: number): number {
    return Math.floor(Math.max(timeMs, 0) / this.segmentMs);
  }

  /** The time of the latest write, or -1. */
  get observedMs(): number {
    return this.#observedMs;
  }

  /** The oldest segment that accepts writes. */
  get firstLive(): number {
    return this.segmentOf(this.#observedMs - this.#retentionMs);
  }

  /** The earliest time that can be read. */
  get visibleFromMs(): number {
    return this.#observedMs - this.#visibleMs;
  }

  /** Adds a segment to those that are searched. */
  occupy(segment: number): void {
    this.#first = Math.min(this.#first, segment);
    this.#last = Math.max(this.#last, segment);
  }

  /** Advances the time of the latest write. */
  observe(timeMs: number): void {
    this.#observedMs = Math.max(this.#observedMs, timeMs);
  }

  isLive(timeMs: number): boolean {
    return this.segmentOf(timeMs) >= this.firstLive;
  }

  /** The segments that may hold rows of these times, oldest first. */
  *between(fromMs: number, toMs: number, reverse: boolean): Generator<number, undefined> {
    const first = Math.max(this.segmentOf(fromMs), this.#first);
    const last = Math.min(this.segmentOf(toMs), this.#last);
    if (reverse) for (let segment = last; segment >= first; segment -= 1) yield segment;
    else for (let segment = first; segment <= last; segment += 1) yield segment;
  }
}
