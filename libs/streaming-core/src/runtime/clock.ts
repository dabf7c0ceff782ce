/** A span of time in whole milliseconds. */
export type DurationMs = number;

/** This many milliseconds. It only names the unit. */
export const milliseconds = (count: number): DurationMs => count;
/** This many seconds, in milliseconds. */
export const seconds = (count: number): DurationMs => count * 1_000;
/** This many minutes, in milliseconds. */
export const minutes = (count: number): DurationMs => seconds(count * 60);
/** This many hours, in milliseconds. */
export const hours = (count: number): DurationMs => minutes(count * 60);
/** This many days of 24 hours, in milliseconds. */
export const days = (count: number): DurationMs => hours(count * 24);

/**
 * Time is an argument, so that a simulation can replay a run: nothing in the libraries calls
 * `Date.now` or `setTimeout` itself.
 */
export interface Clock {
  /** Unix time in milliseconds. */
  now(): number;
  /** Milliseconds on a clock that never jumps, for leases and timeouts. */
  monotonic(): number;
  /**
   * Runs `work` once after the span and returns a function that cancels it. A pending timer does
   * not keep the process alive.
   */
  after(span: DurationMs, work: () => void): () => void;
}

/** The clock of the machine. Only main programs choose it; everything else takes a `Clock`. */
export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(span: DurationMs, work: () => void) {
    const timer = setTimeout(work, span);
    timer.unref();
    return () => clearTimeout(timer);
  },
});

/** Resolves after the span, or as soon as the signal aborts. Never rejects. */
export function pause(clock: Clock, span: DurationMs, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const finish = () => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(span, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/**
 * Rejects with `onLate()` if `work` takes longer than the limit. A later failure of `work` is
 * ignored, so that it cannot become an unhandled rejection.
 */
export function withDeadline<Result>(
  clock: Clock,
  limitMs: DurationMs,
  work: Promise<Result>,
  onLate: () => Error,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(Math.max(0, limitMs), () => reject(onLate()));
    work.then(resolve, reject).finally(cancel);
  });
}

/**
 * A timer for one moment that can be moved. Moving it later needs no new timer, since the running
 * one checks the moment when it fires. A heartbeat is therefore only an assignment.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #onPassed: () => void;
  #at = 0;
  #fires = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, onPassed: () => void) {
    this.#clock = clock;
    this.#onPassed = onPassed;
  }

  /** Moves the deadline to `span` from now, whether that is earlier or later than before. */
  renew(span: DurationMs): void {
    this.#at = this.#clock.monotonic() + span;
    if (this.#cancel !== undefined && this.#fires <= this.#at) return;
    this.#arm(span);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(span: DurationMs): void {
    this.stop();
    this.#fires = this.#clock.monotonic() + span;
    this.#cancel = this.#clock.after(span, () => this.#look());
  }

  #look(): void {
    this.#cancel = undefined;
    const left = Math.ceil(this.#at - this.#clock.monotonic());
    if (left > 0) this.#arm(left);
    else this.#onPassed();
  }
}
