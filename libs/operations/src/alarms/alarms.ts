import type { Clock, DurationMs, Logger } from '@millrace/streaming-core/runtime';
import type { AlarmKind } from './alarm-kind.ts';
import { alarmTable, type AlarmName, type AlarmSetting } from './alarm-table.ts';

/** The labels that locate an alarm: `group`, `topic`, `partition`, `definition`, `kind`, `application`. */
export type AlarmPlace = Readonly<Record<string, string>>;

/** A figure, which the alarm judges. */
export interface AlarmReading {
  readonly alarm: AlarmName;
  readonly place?: AlarmPlace;
  readonly value: number;
}

export interface ActiveAlarm extends AlarmReading {
  readonly place: AlarmPlace;
  readonly threshold: number;
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

/** The thresholds that replace those of the table. 0 turns the alarms of the setting off. */
export type AlarmThresholds = Readonly<Partial<Record<AlarmSetting, number>>>;

export interface AlarmsOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly thresholds: AlarmThresholds;
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
export function createAlarms({ clock, logger, thresholds, holdMs }: AlarmsOptions): Alarms {
  const sources = new Map<string, Map<string, Entry>>();

  const look = (entry: Entry): void => {
    const threshold = thresholdOf(entry.reading.alarm, thresholds);
    const over = entry.reading.value > threshold;
    const raised = entry.raisedAt !== undefined;
    if (over === raised) return void (entry.turnedAt = undefined);
    entry.turnedAt ??= clock.monotonic();
    if (clock.monotonic() - entry.turnedAt < holdMs) return;
    entry.turnedAt = undefined;
    entry.raisedAt = over ? new Date(clock.now()).toISOString() : undefined;
    say(logger, entry.reading, threshold, over);
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
          since === undefined ? [] : [activeAlarm(reading, thresholdOf(reading.alarm, thresholds), since)],
        ),
      ),
  };
}

/** Infinity for an alarm that is off. */
function thresholdOf(alarm: AlarmName, thresholds: AlarmThresholds): number {
  const kind: AlarmKind = alarmTable[alarm];
  if (kind.setting === undefined) return kind.threshold;
  return (thresholds[kind.setting as AlarmSetting] ?? kind.threshold) || Infinity;
}

const activeAlarm = (
  { alarm, place = {}, value }: AlarmReading,
  threshold: number,
  since: string,
): ActiveAlarm => ({ alarm, place, value, threshold, runbook: alarmTable[alarm].rule, since });

const nameOf = ({ alarm, place = {} }: AlarmReading): string =>
  JSON.stringify([alarm, ...Object.values(place)]);

function say(
  logger: Logger,
  { alarm, place, value }: AlarmReading,
  threshold: number,
  raised: boolean,
): void {
  const fields = { alarm, ...place, value, threshold, runbook: alarmTable[alarm].rule };
  if (raised) logger.warn(fields, `alarm raised: ${alarm}`);
  else logger.info(fields, `alarm cleared: ${alarm}`);
}
