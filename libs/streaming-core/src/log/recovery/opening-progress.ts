import type { Clock, DurationMs, Logger } from '../../runtime/index.ts';

interface OpeningProgressOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger: Logger;
  readonly partitions: number;
}

const sliceMs: DurationMs = 50;
const quietMs: DurationMs = 5_000;

/** Logs the progress of a long start, and lets other work use the thread, such as health checks. */
export class OpeningProgress {
  readonly #options: OpeningProgressOptions;
  readonly #begunAtMs: number;
  #pausedAtMs: number;
  #toldAtMs: number;
  #opened = 0;

  constructor(options: OpeningProgressOptions) {
    this.#options = options;
    this.#begunAtMs = this.#pausedAtMs = this.#toldAtMs = options.clock.monotonic();
  }

  /** Call this after each partition, and await the promise if there is one. */
  opened(): Promise<void> | undefined {
    this.#opened += 1;
    const nowMs = this.#options.clock.monotonic();
    if (nowMs - this.#toldAtMs >= quietMs) this.#tell(nowMs);
    if (nowMs - this.#pausedAtMs < sliceMs) return undefined;
    return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.#pausedAtMs = this.#options.clock.monotonic();
    });
  }

  #tell(nowMs: number): void {
    const { logger, partitions } = this.#options;
    const opened = this.#opened;
    this.#toldAtMs = nowMs;
    logger.info(
      { opened, partitions, elapsedMs: Math.round(nowMs - this.#begunAtMs) },
      `opening the logs: ${opened} of ${partitions} partitions`,
    );
  }
}
