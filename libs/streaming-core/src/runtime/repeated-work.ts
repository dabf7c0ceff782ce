import type { Clock } from './clock.ts';
import type { DurationMs } from './duration.ts';
import type { Logger } from './logger.ts';

/** Work in the background that is done over and over, a span after it has ended. What fails is logged and tried again. */
export class RepeatedWork {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #logger: Logger;
  readonly #cancels = new Map<symbol, () => void>();
  #stopped = false;

  constructor({ clock, logger }: { readonly clock: Pick<Clock, 'after'>; readonly logger: Logger }) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The span is asked for each time. */
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

  /** What is at it goes on to its end. */
  stop(): void {
    this.#stopped = true;
    for (const cancel of this.#cancels.values()) cancel();
  }

  async #do(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#logger.warn({ err: error }, 'work in the background failed and is tried again');
    }
  }
}
