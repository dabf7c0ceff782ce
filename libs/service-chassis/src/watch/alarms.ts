import type { Clock, DurationMs, Logger } from '@millrace/streaming-core/runtime';
import { Gauge, type Registry } from 'prom-client';
import type { Health } from '../health/health.ts';

/**
 * The names of the alarms. Each has an entry in the runbook of docs/OPERATIONS.md, under the name
 * of its rule in `deploy/prometheus`.
 */
export const alarmNames = [
  'consumer_lag',
  'consumer_lag_seconds',
  'dead_letters',
  'parked_age',
  'parking_full',
  'outbox_age',
  'external_call_age',
  'saga_age',
  'sagas_need_attention',
  'timers_overdue',
  'saga_version_unknown',
] as const;
export type AlarmName = (typeof alarmNames)[number];

/** The labels that locate an alarm: `group`, `topic`, `partition`, `definition`, `kind`. */
export type AlarmPlace = Readonly<Record<string, string>>;

/** A figure and the threshold that it must not exceed. */
export interface AlarmReading {
  readonly alarm: AlarmName;
  readonly place?: AlarmPlace;
  readonly value: number;
  readonly threshold: number;
}

export interface ActiveAlarm extends AlarmReading {
  readonly place: AlarmPlace;
  /** When the alarm was raised (ISO 8601, UTC). */
  readonly since: string;
}

export interface Alarms {
  /**
   * Takes all current figures of one source. A raised alarm that the source no longer mentions
   * counts as back to normal.
   */
  observe(source: string, readings: readonly AlarmReading[]): void;
  active(): readonly ActiveAlarm[];
}

export const ALARMS = Symbol('Alarms');

export interface AlarmsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a figure has to stay on one side of its threshold before it counts. */
  readonly holdMs: DurationMs;
}

interface Entry {
  reading: AlarmReading;
  /** When the alarm was raised; absent while it is not. */
  raisedAt?: string;
  /**
   * Since when, on the monotonic clock, the figure has contradicted the state that was last logged.
   */
  turnedAt?: number;
}

/**
 * Alarms that work without any other system: each logs one line when it is raised and one when it
 * is cleared. A figure that crosses its threshold for less than `holdMs` changes nothing.
 */
export function createAlarms({ clock, logger, holdMs }: AlarmsOptions): Alarms {
  const sources = new Map<string, Map<string, Entry>>();

  const look = (entry: Entry): void => {
    const over = entry.reading.value > entry.reading.threshold;
    const raised = entry.raisedAt !== undefined;
    if (over === raised) return void (entry.turnedAt = undefined);
    entry.turnedAt ??= clock.monotonic();
    if (clock.monotonic() - entry.turnedAt < holdMs) return;
    entry.turnedAt = undefined;
    entry.raisedAt = over ? new Date(clock.now()).toISOString() : undefined;
    say(logger, entry.reading, over);
  };

  return {
    observe(source, readings) {
      const before = sources.get(source) ?? new Map<string, Entry>();
      const now = new Map(
        readings.map((reading) => [nameOf(reading), { ...before.get(nameOf(reading)), reading }] as const),
      );
      for (const [name, entry] of before)
        if (!now.has(name) && entry.raisedAt !== undefined)
          now.set(name, { ...entry, reading: { ...entry.reading, value: 0 } });
      for (const entry of now.values()) look(entry);
      sources.set(source, now);
    },
    active: () =>
      [...sources.values()].flatMap((entries) =>
        [...entries.values()].flatMap(({ reading, raisedAt: since }) =>
          since === undefined ? [] : [{ ...reading, place: reading.place ?? {}, since }],
        ),
      ),
  };
}

const nameOf = ({ alarm, place = {} }: AlarmReading): string =>
  JSON.stringify([alarm, ...Object.values(place)]);

function say(logger: Logger, { alarm, place, value, threshold }: AlarmReading, raised: boolean): void {
  const fields = { alarm, ...place, value, threshold };
  if (raised) logger.warn(fields, `alarm raised: ${alarm}`);
  else logger.info(fields, `alarm cleared: ${alarm}`);
}

interface AlarmDisplays {
  readonly alarms: Alarms;
  readonly health: Health;
  readonly registry: Registry;
}

/**
 * Shows the alarms on `/readyz` and `/metrics`. They do not make a service unready, because one
 * that is behind must keep working.
 */
export function showAlarms({ alarms, health, registry }: AlarmDisplays): void {
  health.add('alarms', () => ({ healthy: true, details: { active: alarms.active() } }));
  new Gauge({
    name: 'millrace_alarm_active',
    help:
      '1 for each raised alarm, with labels that locate it (group, topic, partition, definition, kind); ' +
      '0 without these labels for each alarm that is not raised',
    labelNames: ['alarm', 'group', 'topic', 'partition', 'definition', 'kind'] as const,
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
