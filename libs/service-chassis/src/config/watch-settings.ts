import { z } from 'zod';
import { setting, type ConfigOf, type Settings, wholeNumber } from './setting.ts';

const groupNames = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(
    z
      .array(
        z
          .string()
          .regex(/^\S{1,249}$/, 'must be names of groups without spaces, several separated by commas'),
      )
      .max(20, 'must be at most 20 groups'),
  )
  .default([]);

const daySeconds = 86_400;
const seconds = (byDefault: number) => wholeNumber({ min: 0, max: daySeconds, byDefault });

/** What the service looks after while it runs, and from where on it raises an alarm; a threshold of 0 is none. */
export const watchSettings = {
  /** Groups whose lag is watched besides the service's own: of any program, by what they commit to the log. */
  lagGroups: setting('LAG_GROUPS', groupNames, { example: 'analytics-group,reports' }),
  watchEveryMs: setting('WATCH_EVERY_MS', wholeNumber({ min: 50, max: 600_000, byDefault: 5_000 }), {
    example: '5000',
  }),
  /** So long above its threshold, and an alarm raises; so long not above it, and it clears. */
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
