import type { Clock } from './clock.ts';
import type { DurationMs } from './duration.ts';

/** Lets a loop sleep until somebody rings, or until its time is up. A ring while nobody sleeps is kept for the next sleep. */
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

  /** Whether it was the bell that ended the sleep. */
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
