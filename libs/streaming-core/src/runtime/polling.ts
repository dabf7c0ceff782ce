import { type Clock, pause, hours, type DurationMs } from './clock.ts';
import { type Logger, RetryLog } from './logger.ts';

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

/**
 * The result of a look: some work and there may be `more`, `all` the work, or `nothing`. After
 * `nothing until notified`, the next look waits for a hint, for an hour at most.
 */
export type Finding = 'more' | 'all' | 'nothing' | 'nothing until notified';

export interface PollingOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** The subject of the log lines about failures, such as `external calls card-payment`. */
  readonly name: string;
  /**
   * The pause between looks. It doubles from the minimum to the maximum while looks without a hint
   * find nothing.
   */
  readonly idleMsMin?: DurationMs;
  readonly idleMsMax?: DurationMs;
  /** The pause after a failure. It doubles from the minimum to the maximum. */
  readonly retryDelayMsMin?: DurationMs;
  readonly retryDelayMsMax?: DurationMs;
}

export interface Polling {
  start(): void;
  /** Resolves once the work in progress has ended. Idempotent. The polling can be started again. */
  stop(): Promise<void>;
  /**
   * A hint that there is work: ends an idle pause. Optional, since the polling continues without
   * hints.
   */
  notify(): void;
}

/**
 * Repeats `work`: at once while there may be more, otherwise after a pause or a hint. Retries a
 * failure with backoff, and logs it once, followed by a count of equal ones. Only `stop` ends the
 * loop.
 */
export function createPolling(work: () => Promise<Finding>, options: PollingOptions): Polling {
  const {
    clock,
    logger,
    name,
    idleMsMin = 2,
    idleMsMax = 100,
    retryDelayMsMin = 50,
    retryDelayMsMax = 5_000,
  } = options;
  const doorbell = new Doorbell(clock);
  const retries = new RetryLog({ clock, logger });
  let running: { readonly stopped: AbortController; readonly ended: Promise<void> } | undefined;

  async function run(stopped: AbortSignal): Promise<void> {
    const pace = new Pace(idleMsMin, idleMsMax);
    let hinted = false;
    let failures = 0;
    while (!stopped.aborted) {
      try {
        const found = await work();
        failures = 0;
        retries.recovered(`${name} works again`);
        if (stopped.aborted) return;
        pace.looked({ found: found === 'more' || found === 'all', hinted });
        const pauseMs = found === 'nothing until notified' ? hours(1) : pace.pauseMs;
        hinted = found !== 'more' && (await doorbell.sleep(pauseMs));
      } catch (error) {
        const retryInMs = doubled(retryDelayMsMin, failures++, retryDelayMsMax);
        retries.failed(error, `${name} failed and will be retried`);
        await pause(clock, retryInMs, stopped);
      }
    }
  }

  return {
    start() {
      if (running !== undefined) return;
      const stopped = new AbortController();
      running = { stopped, ended: run(stopped.signal) };
    },
    async stop() {
      const stopping = running;
      stopping?.stopped.abort();
      doorbell.ring();
      await stopping?.ended;
      if (running === stopping) running = undefined;
    },
    notify: () => doorbell.ring(),
  };
}

/**
 * Exponential backoff: `first`, twice that, and so on up to `max`. `earlier` is the number of
 * failures before this one.
 */
export const doubled = (first: DurationMs, earlier: number, max: DurationMs): DurationMs =>
  Math.min(max, first * 2 ** Math.min(earlier, 30));

/**
 * How long a loop sleeps between its looks for work, if no hint wakes it earlier. The pause adapts
 * to what looks without a hint find. It is short while another process or an expired delay brings
 * work that nobody announces, and long while hints announce all the work.
 */
export class Pace {
  readonly #min: DurationMs;
  readonly #max: DurationMs;
  #pauseMs: DurationMs;

  constructor(min: DurationMs, max: DurationMs) {
    this.#min = min;
    this.#max = max;
    this.#pauseMs = min;
  }

  get pauseMs(): DurationMs {
    return this.#pauseMs;
  }

  /** Call this after each look. `hinted`: a hint caused the look. */
  looked({ found, hinted }: { readonly found: boolean; readonly hinted: boolean }): void {
    if (!hinted) this.#pauseMs = found ? this.#min : Math.min(this.#pauseMs * 2, this.#max);
  }
}
