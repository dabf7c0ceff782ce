import type { Clock } from './clock.ts';
import type { DurationMs } from './duration.ts';

/**
 * Lets a loop sleep until the bell rings or the time is up. A ring while the loop is awake ends its
 * next sleep at once.
 */
export class Doorbell {
  readonly #clock: Clock;
  #rung = false;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** Forgets a ring. */
  silence(): void {
    this.#rung = false;
  }

  /** Resolves with whether the bell ended the sleep. */
  async sleep(span: DurationMs): Promise<boolean> {
    if (!this.#rung) {
      let cancel = () => {};
      await new Promise<void>((resolve) => {
        cancel = this.#clock.after(span, resolve);
        this.#wake = resolve;
      });
      cancel();
      this.#wake = undefined;
    }
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
