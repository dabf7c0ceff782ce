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

/**
 * The settings of the service's watches, and the threshold of each alarm. A threshold of 0 turns
 * the alarm off.
 */
export const watchSettings = {
  /**
   * Groups whose lag the service watches in addition to its own. They may belong to any program
   * that commits its offsets to the log.
   */
  lagGroups: setting('LAG_GROUPS', groupNames, { example: 'analytics-group,reports' }),
  watchEveryMs: setting('WATCH_EVERY_MS', wholeNumber({ min: 50, max: 600_000, byDefault: 5_000 }), {
    example: '5000',
  }),
  /**
   * An alarm is raised when its figure has been above the threshold for this long, and cleared when
   * it has not been above it for as long.
   */
  alarmHoldMs: setting('ALARM_HOLD_MS', wholeNumber({ min: 0, max: 3_600_000, byDefault: 15_000 }), {
    example: '15000',
  }),
  alarmLagMessages: setting(
    'ALARM_LAG_MESSAGES',
    wholeNumber({ min: 0, max: 1_000_000_000, byDefault: 10_000 }),
    { example: '10000' },
  ),
  alarmLagSeconds: setting('ALARM_LAG_SECONDS', seconds(60), { example: '60' }),
  alarmOutboxSeconds: setting('ALARM_OUTBOX_SECONDS', seconds(30), { example: '30' }),
  alarmExternalCallSeconds: setting('ALARM_EXTERNAL_CALL_SECONDS', seconds(300), { example: '300' }),
  alarmParkedSeconds: setting('ALARM_PARKED_SECONDS', seconds(60), { example: '60' }),
  alarmTimerSeconds: setting('ALARM_TIMER_SECONDS', seconds(60), { example: '60' }),
  alarmSagaSeconds: setting('ALARM_SAGA_SECONDS', seconds(3_600), { example: '3600' }),
} satisfies Settings;

export type WatchConfig = ConfigOf<typeof watchSettings>;
