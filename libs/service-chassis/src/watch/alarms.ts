import type { Clock, DurationMs, Logger } from '@millrace/streaming-core/runtime';
import { Gauge, type Registry } from 'prom-client';
import type { Health } from '../health/health.ts';

/** What an alarm is about. Each has an entry in the runbook of docs/OPERATIONS.md, under the name of its rule in `deploy/prometheus`. */
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

/** Where it is: `group`, `topic`, `partition`, `definition`, `kind`. */
export type AlarmPlace = Readonly<Record<string, string>>;

/** A figure beside the threshold that it must not exceed. */
export interface AlarmReading {
  readonly alarm: AlarmName;
  readonly place?: AlarmPlace;
  readonly value: number;
  readonly threshold: number;
}

export interface ActiveAlarm extends AlarmReading {
  readonly place: AlarmPlace;
  /** ISO 8601, UTC: when the alarm was raised. */
  readonly since: string;
}

export interface Alarms {
  /** All figures of one source as they are now. What it had told of before and leaves out now is well. */
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
  /** When it was raised; absent while it is not. */
  raisedAt?: string;
  /** Since when, on the monotonic clock, the figure says the contrary of what was last told. */
  turnedAt?: number;
}

/**
 * Alarms that need nobody else: each is one line in the log when it raises and one when it clears. One that swings about its threshold faster
 * than `holdMs` stays what it was.
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

/** Alarms as `/readyz` and `/metrics` show them. They make nobody unready: a service that is behind must go on. */
export function showAlarms({ alarms, health, registry }: AlarmDisplays): void {
  health.add('alarms', () => ({ healthy: true, details: { active: alarms.active() } }));
  new Gauge({
    name: 'millrace_alarm_active',
    help: '1 for each alarm that is raised, with the place that it is about; 0, without a place, for one that is not',
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
