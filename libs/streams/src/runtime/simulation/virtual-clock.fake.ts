import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@millrace/streaming-core/runtime';

interface Timer {
  readonly atMs: number;
  readonly work: () => void;
}

/** A clock whose time passes as fast as the simulated work allows. */
export class VirtualClock implements Clock {
  #nowMs = 1_700_000_000_000;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  after(spanMs: number, work: () => void): () => void {
    const timer = { atMs: this.#nowMs + spanMs, work };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets time pass while the thread is busy, so that no timer runs meanwhile. */
  pass(spanMs: number): void {
    this.#nowMs += spanMs;
  }

  /**
   * Runs the next timer, after all work that takes no time. Timers with the same time keep their
   * order.
   */
  async step(): Promise<void> {
    await setImmediate();
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || timer.atMs < next.atMs) next = timer;
    if (next === undefined) return;
    this.#timers.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.work();
  }
}
