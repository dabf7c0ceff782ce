import type { Clock } from './clock.ts';

/** Thrown inside work that was asked to stop. */
export class WorkStopped extends Error {
  override readonly name = 'WorkStopped';
}

/**
 * Divides long work into slices and lets other work use the thread between them. The long work
 * calls `pause` often, and awaits everything else through `outside`, so that waiting does not count
 * as work.
 */
export class WorkSlices {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #sliceMs: number;
  #begunAtMs: number;
  #stopped = false;
  #longestMs = 0;

  constructor(clock: Pick<Clock, 'monotonic'>, options: { readonly sliceMs: number }) {
    this.#clock = clock;
    this.#sliceMs = options.sliceMs;
    this.#begunAtMs = clock.monotonic();
  }

  /** The longest slice so far, in milliseconds. */
  get longestMs(): number {
    return this.#longestMs;
  }

  /** Makes the next `pause` reject. */
  stop(): void {
    this.#stopped = true;
  }

  /** Returns undefined while the slice lasts. Rejects with `WorkStopped` after `stop`. */
  pause(): Promise<void> | undefined {
    const spentMs = this.#clock.monotonic() - this.#begunAtMs;
    if (spentMs < this.#sliceMs && !this.#stopped) return undefined;
    return this.outside(() => new Promise((resolve) => setImmediate(resolve)));
  }

  async outside<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#longestMs = Math.max(this.#longestMs, this.#clock.monotonic() - this.#begunAtMs);
    const result = await work();
    this.#begunAtMs = this.#clock.monotonic();
    if (this.#stopped) throw new WorkStopped('stopped');
    return result;
  }
}
