import { pause, type Clock, type DurationMs } from '../contract/index.ts';

/** Lets a loop sleep until somebody rings, or until its time is up. A ring while nobody sleeps is kept for the next sleep. */
export class Doorbell {
  readonly #clock: Clock;
  #rung = false;
  #sleeper: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#sleeper?.abort();
  }

  /** Whether it was the bell that ended the sleep. */
  async sleep(span: DurationMs): Promise<boolean> {
    if (!this.#rung) {
      this.#sleeper = new AbortController();
      await pause(this.#clock, span, this.#sleeper.signal);
      this.#sleeper = undefined;
    }
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
