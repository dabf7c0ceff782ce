import type { Clock } from './clock.ts';
import type { DurationMs } from './duration.ts';
import type { Logger } from './logger.ts';

/** Runs background work repeatedly, with a pause after each run. Logs a failure and tries again. */
export class RepeatedWork {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #logger: Logger;
  readonly #cancels = new Map<symbol, () => void>();
  #stopped = false;

  constructor({ clock, logger }: { readonly clock: Pick<Clock, 'after'>; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Calls `span` before each pause, so that a changed setting takes effect. */
  every(span: () => DurationMs, work: () => Promise<void>): void {
    const slot = Symbol('work');
    const again = (): void => {
      if (this.#stopped) return;
      this.#cancels.set(
        slot,
        this.#clock.after(span(), () => void this.#do(work).then(again)),
      );
    };
    again();
  }

  /** Starts nothing more. A run in progress continues to its end. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels.values()) cancel();
  }

  async #do(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#logger.warn({ err: error }, 'background work failed and will be retried');
    }
  }
}
