import {
  pause,
  RetryLog,
  seconds,
  withDeadline,
  type Clock,
  type DurationMs,
  type Logger,
} from '@millrace/streaming-core/runtime';
import { Gauge, type Registry } from 'prom-client';
import type { Lifecycle } from '../../ground/lifecycle/lifecycle.ts';
import type { AlarmReading, Alarms } from '@millrace/operations/alarms';
import { token } from '../../ground/provide.ts';

/**
 * A regular check of figures while the service runs. A watch keeps the figures for `/metrics`, so
 * that no scrape costs a query.
 */
export interface Watch {
  readonly name: string;
  /**
   * Checks the figures once, with a few statements that all use an index and have a limit. Returns
   * the readings for alarms.
   */
  look(): Promise<readonly AlarmReading[]> | readonly AlarmReading[];
  /** Called once the service stops. */
  stop?(): void;
}

export interface Watcher {
  /**
   * Runs the watch from the service's start until its stop. It stops before components that were
   * added to the lifecycle earlier.
   */
  add(watch: Watch): void;
}

export const WATCHER = token<Watcher>('Watcher');

export interface WatcherOptions {
  readonly lifecycle: Lifecycle;
  readonly alarms: Alarms;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs: DurationMs;
}

/** A check that takes longer counts as failed, and the next one begins. */
const lookMsMax = seconds(10);
const late = () => new Error(`no answer within ${lookMsMax} ms`);

/**
 * Runs each watch in its own loop, so that a broker that does not answer never delays a watch of
 * the database. A failed check leaves figures and alarms as they are.
 */
export function createWatcher({
  lifecycle,
  alarms,
  registry,
  clock,
  logger,
  everyMs,
}: WatcherOptions): Watcher {
  const up = new Gauge({
    name: 'millrace_watch_up',
    help: '1 while the figures of the watch in the label watch are fresh; 0 when its last check failed',
    labelNames: ['watch'] as const,
    registers: [registry],
  });

  const run = async (watch: Watch, signal: AbortSignal): Promise<void> => {
    const retries = new RetryLog({ logger, clock });
    while (!signal.aborted) {
      try {
        const readings = await withDeadline(clock, lookMsMax, Promise.resolve(watch.look()), late);
        if (signal.aborted) return;
        alarms.observe(watch.name, readings);
        up.set({ watch: watch.name }, 1);
        retries.recovered('the watch works again', { watch: watch.name });
      } catch (error) {
        if (signal.aborted) return;
        up.set({ watch: watch.name }, 0);
        retries.failed(error, 'a watch failed; it tries again', { watch: watch.name });
      }
      await pause(clock, everyMs, signal);
    }
  };

  return {
    add(watch) {
      const stopping = new AbortController();
      lifecycle.add({
        name: `watch of ${watch.name}`,
        start: () => void run(watch, stopping.signal),
        stop() {
          stopping.abort();
          watch.stop?.();
        },
      });
    },
  };
}
