import { type Clock, pause } from './clock.ts';
import type { DurationMs } from './duration.ts';
import type { Logger } from './logger.ts';
import { Doorbell } from './doorbell.ts';
import { Pace } from './pace.ts';
import { RetryLog } from './retry-log.ts';

/** What a look has found: `more` may be there still, or `all` of it, or nothing. */
export type Finding = 'more' | 'all' | 'nothing';

export interface PollingOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** What the log says has failed: `external calls card-payment`. */
  readonly name: string;
  /** Pause between looks: doubles from the minimum to the maximum while looks that no hint led to find nothing. */
  readonly idleMsMin?: DurationMs;
  readonly idleMsMax?: DurationMs;
  /** Pause after a failure: doubles from the minimum to the maximum. */
  readonly retryDelayMsMin?: DurationMs;
  readonly retryDelayMsMax?: DurationMs;
}

export interface Polling {
  start(): void;
  /** Resolves once the work in hand has ended. Idempotent; may be followed by another start. */
  stop(): Promise<void>;
  /** A hint that there is work: ends an idle pause. Never needed, since polling goes on without it. */
  notify(): void;
}

/**
 * Repeats `work`: at once while there may be more, else after a pause or a hint. A failure is retried with backoff for ever, and logged once with
 * a count of the equal ones that follow; nothing ends the loop but `stop`.
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
        pace.looked({ found: found !== 'nothing', hinted });
        hinted = found !== 'more' && (await doorbell.sleep(pace.pauseMs));
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

/** Exponential backoff: `first`, twice that, ..., at most `max`. `earlier` counts the failures before this one. */
export const doubled = (first: DurationMs, earlier: number, max: DurationMs): DurationMs =>
  Math.min(max, first * 2 ** Math.min(earlier, 30));
