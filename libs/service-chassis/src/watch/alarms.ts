import type { Clock, DurationMs, Logger } from '@millrace/streaming-core/runtime';
import { Gauge, type Registry } from 'prom-client';
import type { Health } from '../health/health.ts';

interface AlarmKind {
  /** Says on the page of metrics when the alarm is raised, in whole sentences. */
  readonly meaning: string;
  /** The labels that locate the alarm. */
  readonly place: readonly string[];
  /** Name of the rule in `deploy/prometheus`, and of the entry in the runbook. */
  readonly rule: `Millrace${string}`;
}

export const alarmKinds = {
  consumer_lag: {
    meaning: 'A group is more than `ALARM_LAG_MESSAGES` behind on a partition.',
    place: ['group', 'topic', 'partition'],
    rule: 'MillraceConsumerLag',
  },
  consumer_lag_seconds: {
    meaning: 'The message that a group reads next is older than `ALARM_LAG_SECONDS`.',
    place: ['group', 'topic', 'partition'],
    rule: 'MillraceConsumerLagSeconds',
  },
  dead_letters: {
    meaning: 'A dead-letter topic of what this process reads has any record.',
    place: ['topic'],
    rule: 'MillraceDeadLetters',
  },
  parked_age: {
    meaning: 'The oldest parked message has waited longer than `ALARM_PARKED_SECONDS`.',
    place: ['group', 'topic'],
    rule: 'MillraceKeysParked',
  },
  parking_full: {
    meaning: 'A partition of this process has no room to park another message.',
    place: ['group', 'topic', 'partition'],
    rule: 'MillraceParkingFull',
  },
  partition_refused: {
    meaning: 'The stored offset of a partition of this process does not match the log.',
    place: ['group', 'topic', 'partition'],
    rule: 'MillracePartitionRefused',
  },
  partition_blocked: {
    meaning: 'This process cannot handle the next message of a partition, through no fault of the message.',
    place: ['group', 'topic', 'partition'],
    rule: 'MillracePartitionBlocked',
  },
  database_unwritable: {
    meaning: 'The database answers, but takes no writes: its disk is full, or it is read-only.',
    place: [],
    rule: 'MillraceDatabaseUnwritable',
  },
  outbox_age: {
    meaning: 'The oldest unpublished message is older than `ALARM_OUTBOX_SECONDS`.',
    place: [],
    rule: 'MillraceOutboxAge',
  },
  external_call_age: {
    meaning: 'The oldest call without a result is older than `ALARM_EXTERNAL_CALL_SECONDS`.',
    place: ['kind'],
    rule: 'MillraceExternalCallsStuck',
  },
  saga_age: {
    meaning: 'The oldest unfinished saga is older than `ALARM_SAGA_SECONDS`. The label `kind` is its status.',
    place: ['definition', 'kind'],
    rule: 'MillraceSagasStuck',
  },
  sagas_need_attention: {
    meaning: 'A saga has sent a command 8 times without an answer.',
    place: ['definition'],
    rule: 'MillraceSagasNeedAttention',
  },
  timers_overdue: {
    meaning: 'The most overdue timer is more than `ALARM_TIMER_SECONDS` late.',
    place: [],
    rule: 'MillraceTimersOverdue',
  },
  timers_unadopted: {
    meaning:
      'A timer is more than `ALARM_TIMER_SECONDS` late because no message of its saga has been handled.',
    place: [],
    rule: 'MillraceTimersUnadopted',
  },
  saga_version_unknown: {
    meaning:
      'An unfinished saga has a version that this process does not know. The label `kind` is the version.',
    place: ['definition', 'kind'],
    rule: 'MillraceSagaVersionUnknown',
  },
} as const satisfies Readonly<Record<string, AlarmKind>>;

export type AlarmName = keyof typeof alarmKinds;

const alarmNames = Object.keys(alarmKinds) as readonly AlarmName[];

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
  /** The heading of its entry in the runbook. */
  readonly runbook: string;
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
          since === undefined
            ? []
            : [{ ...reading, place: reading.place ?? {}, runbook: alarmKinds[reading.alarm].rule, since }],
        ),
      ),
  };
}

const nameOf = ({ alarm, place = {} }: AlarmReading): string =>
  JSON.stringify([alarm, ...Object.values(place)]);

function say(logger: Logger, { alarm, place, value, threshold }: AlarmReading, raised: boolean): void {
  const fields = { alarm, ...place, value, threshold, runbook: alarmKinds[alarm].rule };
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
