import { setImmediate } from 'node:timers/promises';
import type { Clock } from './clock.ts';

interface Timer {
  readonly at: number;
  readonly work: () => void;
}

/** Time that passes only when a test calls `advance`. */
export class ManualClock implements Clock {
  #nowMs = 1_700_000_000_000;
  readonly #timers = new Set<Timer>();

  get timers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(span: number, work: () => void): () => void {
    const timer = { at: this.#nowMs + span, work };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /**
   * Runs the timers that become due, each at its own time, and lets the promises that they settle
   * take effect.
   */
  async advance(spanMs: number): Promise<void> {
    const end = this.#nowMs + spanMs;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.at);
      next.work();
      await setImmediate();
    }
    this.#nowMs = end;
    await setImmediate();
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end);
    return due.reduce<Timer | undefined>(
      (first, timer) => (first === undefined || timer.at < first.at ? timer : first),
      undefined,
    );
  }
}
