import type { DurationMs } from './duration.ts';

/**
 * How long a loop that is also woken by hints sleeps between its looks. The pause follows what looking without a hint finds: short while
 * others (another process, a delay that has passed) bring work that nobody announces, long while hints announce all there is.
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

  /** After a look: whether it found something, and whether a hint had led to it. */
  looked({ found, hinted }: { readonly found: boolean; readonly hinted: boolean }): void {
    if (!hinted) this.#pauseMs = found ? this.#min : Math.min(this.#pauseMs * 2, this.#max);
  }
}
