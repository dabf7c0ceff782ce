import type { Cancellable } from '../processor/processor.ts';

interface Punctuation {
  dueMs: number;
  readonly intervalMs: number;
  readonly run: (timestampMs: number) => void;
}

/** The callbacks of one task that wait for a time. */
export class Punctuations {
  #waiting: Punctuation[] = [];

  schedule(firstMs: number, intervalMs: number, run: (timestampMs: number) => void): Cancellable {
    if (!Number.isInteger(intervalMs) || intervalMs < 1) {
      throw new RangeError(`A punctuation needs an interval of whole milliseconds from 1, got ${intervalMs}`);
    }
    const punctuation = { dueMs: firstMs, intervalMs, run };
    this.#waiting.push(punctuation);
    return {
      cancel: () => {
        this.#waiting = this.#waiting.filter((other) => other !== punctuation);
      },
    };
  }

  /** Runs what is due, each callback once however many intervals have passed. */
  runUntil(nowMs: number): boolean {
    let hasRun = false;
    while (this.runNext(nowMs)) hasRun = true;
    return hasRun;
  }

  /** Runs the callback that is due first. Returns false if none is. */
  runNext(nowMs: number): boolean {
    let next: Punctuation | undefined;
    for (const punctuation of this.#waiting)
      if (punctuation.dueMs <= nowMs && (next === undefined || punctuation.dueMs < next.dueMs))
        next = punctuation;
    if (next === undefined) return false;
    const intervalsPassed = Math.floor((nowMs - next.dueMs) / next.intervalMs);
    next.dueMs += (intervalsPassed + 1) * next.intervalMs;
    next.run(nowMs);
    return true;
  }
}
