import { doubled, minutes, type Clock, type DurationMs } from '@millrace/streaming-core/runtime';
import { StreamsError } from './streams-error.ts';

const restartsMax = 10;
const withinMs = minutes(10);
const delayMsMin = 100;
const delayMsMax = 30_000;

/** Limits how often the loop is replaced after errors, and spaces the attempts. */
export class RestartBudget {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #restartsAtMs: readonly number[] = [];

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /**
   * Returns how long to wait before the next attempt, which doubles with each failure of the last
   * 10 minutes. Throws `restarts_exhausted`, with the error as its cause, after 10 of them.
   */
  next(error: unknown): DurationMs {
    const nowMs = this.#clock.monotonic();
    const recent = this.#restartsAtMs.filter((atMs) => nowMs - atMs < withinMs);
    if (recent.length >= restartsMax)
      throw new StreamsError(
        'restarts_exhausted',
        `the application was restarted ${restartsMax} times within 10 minutes: ` +
          (error instanceof Error ? error.message : String(error)),
        { cause: error },
      );
    this.#restartsAtMs = recent.concat(nowMs);
    return doubled(delayMsMin, recent.length, delayMsMax);
  }
}
