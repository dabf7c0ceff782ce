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
import { type AlarmReading, type Alarms, alarmTable, type AlarmName } from '@millrace/operations/alarms';
import type { Lifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { token } from '../../ground/provide.ts';
import type { Health } from '../health/health.ts';

const alarmNames = Object.keys(alarmTable) as readonly AlarmName[];
/** The labels of any alarm: a label that a gauge does not declare would end the whole scrape. */
const placeLabels = [...new Set(Object.values(alarmTable).flatMap<string>(({ place }) => place))];

interface AlarmDisplays {
  readonly alarms: Alarms;
  readonly health: Health;
  readonly registry: Registry;
}

/**
 * Shows the alarms on `/readyz` and `/metrics`. An alarm does not make a service unready, because a
 * service that is behind must keep working.
 */
export function showAlarms({ alarms, health, registry }: AlarmDisplays): void {
  health.add('alarms', () => ({ healthy: true, details: { active: alarms.active() } }));
  new Gauge({
    name: 'millrace_alarm_active',
    help:
      `1 for each raised alarm, with labels that locate it (${placeLabels.join(', ')}); ` +
      '0 without these labels for each alarm that is not raised',
    labelNames: ['alarm', ...placeLabels],
    registers: [registry],
    collect() {
      this.reset();
      const active = alarms.active();
      for (const alarm of alarmNames)
        if (!active.some((raised) => raised.alarm === alarm)) this.set({ alarm }, 0);
      for (const { alarm, place } of active) this.set({ alarm, ...place }, 1);
    },
  });
}

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

/** The token of the process's watcher, to which a module adds watches of its own. */
export const WATCHER = token<Watcher>('Watcher');

interface WatcherOptions {
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
