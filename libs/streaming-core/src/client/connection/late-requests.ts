import type { Clock } from '../../runtime/index.ts';

/**
 * Notices when the first of many requests is late, with one timer for all of them. Most requests
 * are answered in time, so an answer does not touch the timer: when it fires, `onDue` says when to
 * look again.
 */
export class LateRequests {
  readonly #clock: Clock;
  readonly #onDue: (now: number) => number;
  #alarm: { readonly at: number; cancel(): void } | undefined;

  /** `onDue` returns when the next pending request will be late, or Infinity if there is none. */
  constructor(clock: Clock, onDue: (now: number) => number) {
    this.#clock = clock;
    this.#onDue = onDue;
  }

  /** Makes sure that `onDue` is called at this time of the monotonic clock or earlier. */
  watch(at: number): void {
    if (at === Infinity || (this.#alarm && this.#alarm.at <= at)) return;
    this.#alarm?.cancel();
    const span = Math.max(0, Math.ceil(at - this.#clock.monotonic()));
    const ring = () => {
      this.#alarm = undefined;
      this.watch(this.#onDue(this.#clock.monotonic()));
    };
    this.#alarm = { at, cancel: this.#clock.after(span, ring) };
  }

  close(): void {
    this.#alarm?.cancel();
  }
}
