/**
 * Cumulative counts per upper bound, in the form that Prometheus expects. Times are in
 * milliseconds.
 */
export interface DurationCounts {
  readonly boundsMs: readonly number[];
  /**
   * The number of observations up to each bound. `count` also includes those beyond the last bound.
   */
  readonly cumulative: readonly number[];
  readonly sumMs: number;
  readonly count: number;
}

const boundsMs = Object.freeze([0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 5_000, 30_000]);

/** A histogram for the request path, with one addition per observation. */
export class DurationHistogram {
  readonly #counts = new Float64Array(boundsMs.length);
  #sumMs = 0;
  #count = 0;

  observe(durationMs: number): void {
    this.#sumMs += durationMs;
    this.#count += 1;
    for (let index = 0; index < boundsMs.length; index += 1) {
      if (durationMs > boundsMs[index]!) continue;
      this.#counts[index]! += 1;
      return;
    }
  }

  read(): DurationCounts {
    let below = 0;
    const cumulative = Array.from(this.#counts, (count) => (below += count));
    return { boundsMs, cumulative, sumMs: this.#sumMs, count: this.#count };
  }
}
