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
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { AlarmReading, Alarms } from './alarms.ts';

/** Something that is looked after while the service runs. It keeps the figures that it shows on `/metrics`, so that no scrape costs a query. */
export interface Watch {
  readonly name: string;
  /** One look: few statements, all indexed and limited. Returns what alarms are about. */
  look(): Promise<readonly AlarmReading[]> | readonly AlarmReading[];
  /** Once the service stops. */
  stop?(): void;
}

export interface Watcher {
  /** Looks from the service's start until its stop; stops before whatever was added to the lifecycle earlier. */
  add(watch: Watch): void;
}

export const WATCHER = Symbol('Watcher');

export interface WatcherOptions {
  readonly lifecycle: Lifecycle;
  readonly alarms: Alarms;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs: DurationMs;
}

/** Beyond it a look counts as failed, and the next one begins. */
const lookMsMax = seconds(10);
const late = () => new Error(`no answer within ${lookMsMax} ms`);

/** Each watch at its own pace: a log that does not answer holds up nobody who asks the database. A look that fails leaves figures and alarms as they are. */
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
    help: '1 while the figures of this watch are fresh; 0 when its last look failed',
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
        retries.recovered('watching goes on', { watch: watch.name });
      } catch (error) {
        if (signal.aborted) return;
        up.set({ watch: watch.name }, 0);
        retries.failed(error, 'watching failed; looking again', { watch: watch.name });
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
