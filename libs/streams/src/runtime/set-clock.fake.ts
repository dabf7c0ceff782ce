import { systemClock, type Clock } from '@millrace/streaming-core/runtime';

/** A clock whose date a test sets. Timers and spans are those of the system. */
export class SetClock implements Clock {
  nowMs: number;

  constructor(nowMs: number) {
    this.nowMs = nowMs;
  }

  now(): number {
    return this.nowMs;
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  after(spanMs: number, work: () => void): () => void {
    return systemClock.after(spanMs, work);
  }
}
