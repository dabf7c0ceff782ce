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
    const due = this.#waiting
      .filter(({ dueMs }) => dueMs <= nowMs)
      .sort((one, other) => one.dueMs - other.dueMs);
    for (const punctuation of due) {
      if (!this.#waiting.includes(punctuation)) continue;
      const intervalsPassed = Math.floor((nowMs - punctuation.dueMs) / punctuation.intervalMs);
      punctuation.dueMs += (intervalsPassed + 1) * punctuation.intervalMs;
      punctuation.run(nowMs);
    }
    return due.length > 0;
  }
}
