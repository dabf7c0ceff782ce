import type { DurationMs } from '../../../runtime/index.ts';

export interface InPlaceAttempt {
  /** 1 for the first attempt. */
  readonly count: number;
  /** The time since the first attempt failed. */
  readonly elapsedMs: DurationMs;
}

/** Counts the failed attempts to handle the message at one offset. Another offset begins anew. */
export class InPlaceAttempts {
  #offset = -1n;
  #count = 0;
  #sinceMs = 0;

  /** `nowMs` is a time on the monotonic clock. */
  next(offset: bigint, nowMs: number): InPlaceAttempt {
    if (offset !== this.#offset) {
      this.#offset = offset;
      this.#count = 0;
      this.#sinceMs = nowMs;
    }
    this.#count += 1;
    return { count: this.#count, elapsedMs: nowMs - this.#sinceMs };
  }
}
