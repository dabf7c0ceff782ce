import { alarmTable, type AlarmThresholds } from '@millrace/operations/alarms';
import { z } from 'zod';
import { setting, type ConfigOf, type Settings, wholeNumber } from './setting.ts';

const groupNames = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(
    z
      .array(z.string().regex(/^\S{1,249}$/, 'must be group names without spaces, separated by commas'))
      .max(20, 'must name at most 20 groups'),
  )
  .default([]);

const daySeconds = 86_400;
const seconds = (byDefault: number) => wholeNumber({ min: 0, max: daySeconds, byDefault });

/** The settings of every app that watches the lag of a group, and the thresholds of its alarms. */
const lagSettings = {
  watchEveryMs: setting('WATCH_EVERY_MS', wholeNumber({ min: 50, max: 600_000, byDefault: 15_000 }), {
    meaning: 'How often each watch reads its figures.',
  }),
  alarmHoldMs: setting('ALARM_HOLD_MS', wholeNumber({ min: 0, max: 3_600_000, byDefault: 15_000 }), {
    meaning:
      'How long a figure must be above its threshold to raise its alarm, and how long not above it ' +
      'to clear the alarm.',
  }),
  alarmLagMessages: setting(
    'ALARM_LAG_MESSAGES',
    wholeNumber({ min: 0, max: 1_000_000_000, byDefault: alarmTable.consumer_lag.threshold }),
    {
      example: '10000',
      meaning: 'The threshold for the number of messages that a group is behind on one partition.',
    },
  ),
  alarmLagSeconds: setting('ALARM_LAG_SECONDS', seconds(alarmTable.consumer_lag_seconds.threshold), {
    example: '60',
    meaning: 'The threshold for the age of the message that a group reads next on one partition.',
  }),
} satisfies Settings;

/** The settings of what watches a stream application, and the thresholds of its alarms. */
export const streamWatchSettings = {
  ...lagSettings,
  alarmStreamsSeconds: setting('ALARM_STREAMS_SECONDS', seconds(alarmTable.streams_not_running.threshold), {
    example: '60',
    meaning: 'The threshold for how long a stream application has not run, for instance while it restores.',
  }),
} satisfies Settings;

/**
 * The settings of the service's watches, and the threshold of each alarm. A threshold of 0 turns
 * the alarm off.
 */
export const watchSettings = {
  lagGroups: setting('LAG_GROUPS', groupNames, {
    example: 'analytics-group,reports',
    meaning:
      'Consumer groups of other programs whose lag this process watches too, at most 20, separated ' +
      'by commas.',
  }),
  ...streamWatchSettings,
  alarmOutboxSeconds: setting('ALARM_OUTBOX_SECONDS', seconds(alarmTable.outbox_age.threshold), {
    example: '30',
    meaning: 'The threshold for the age of the oldest unpublished message.',
  }),
  alarmExternalCallSeconds: setting(
    'ALARM_EXTERNAL_CALL_SECONDS',
    seconds(alarmTable.external_call_age.threshold),
    {
      example: '300',
      meaning: 'The threshold for the age of the oldest call to an outside system that has no result.',
    },
  ),
  alarmParkedSeconds: setting('ALARM_PARKED_SECONDS', seconds(alarmTable.parked_age.threshold), {
    example: '60',
    meaning: 'The threshold for how long the oldest parked message of a topic has waited.',
  }),
  alarmTimerSeconds: setting('ALARM_TIMER_SECONDS', seconds(alarmTable.timers_overdue.threshold), {
    example: '60',
    meaning: 'The threshold for the delay of the most overdue saga timer.',
  }),
  alarmSagaSeconds: setting('ALARM_SAGA_SECONDS', seconds(alarmTable.saga_age.threshold), {
    example: '3600',
    meaning: 'The threshold for how long a saga has waited for the reply to a command.',
  }),
} satisfies Settings;

/** The threshold of a Connect worker. */
export const connectWatchSettings = {
  alarmSourceLogBytes: setting(
    'ALARM_SOURCE_LOG_BYTES',
    wholeNumber({ min: 0, max: 10 ** 15, byDefault: alarmTable.source_log_kept.threshold }),
    {
      example: '1000000000',
      meaning:
        'The threshold for how much write-ahead log a database keeps for a source. Set it well below ' +
        '`max_slot_wal_keep_size` of PostgreSQL (4 GB where Millrace starts it).',
    },
  ),
} satisfies Settings;

/** The settings that every watched app has, and those that only some have. */
export type WatchConfig = ConfigOf<typeof streamWatchSettings> &
  Partial<ConfigOf<typeof watchSettings> & ConfigOf<typeof connectWatchSettings>>;

/** The thresholds of an app's settings, as its alarms take them. */
export const thresholdsOf = (config: WatchConfig): AlarmThresholds => ({
  ALARM_LAG_MESSAGES: config.alarmLagMessages,
  ALARM_LAG_SECONDS: config.alarmLagSeconds,
  ALARM_STREAMS_SECONDS: config.alarmStreamsSeconds,
  ALARM_SOURCE_LOG_BYTES: config.alarmSourceLogBytes,
  ALARM_OUTBOX_SECONDS: config.alarmOutboxSeconds,
  ALARM_EXTERNAL_CALL_SECONDS: config.alarmExternalCallSeconds,
  ALARM_PARKED_SECONDS: config.alarmParkedSeconds,
  ALARM_TIMER_SECONDS: config.alarmTimerSeconds,
  ALARM_SAGA_SECONDS: config.alarmSagaSeconds,
});
