import type { DurationMs } from './duration.ts';

/**
 * How long a loop sleeps between its looks for work, if no hint wakes it earlier. The pause adapts
 * to what looks without a hint find. It is short while another process or an expired delay brings
 * work that nobody announces, and long while hints announce all the work.
 */
export class Pace {
  readonly #min: DurationMs;
  readonly #max: DurationMs;
  #pauseMs: DurationMs;

  constructor(min: DurationMs, max: DurationMs) {
    this.#min = min;
    this.#max = max;
    this.#pauseMs = min;
  }

  get pauseMs(): DurationMs {
    return this.#pauseMs;
  }

  /** Call this after each look. `hinted`: a hint caused the look. */
  looked({ found, hinted }: { readonly found: boolean; readonly hinted: boolean }): void {
    if (!hinted) this.#pauseMs = found ? this.#min : Math.min(this.#pauseMs * 2, this.#max);
  }
}
