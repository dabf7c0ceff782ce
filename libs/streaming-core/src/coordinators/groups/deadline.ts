import type { Clock, DurationMs } from '../../runtime/index.ts';

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
