import { setting, type ConfigOf, type Setting, wholeNumber } from './setting.ts';

/** Limits on answers that stay open: live events, and reads that wait for a version. */
export const liveSettings = {
  liveEventsMax: setting('HTTP_LIVE_EVENTS_MAX', wholeNumber({ min: 0, max: 100_000, byDefault: 500 }), {
    example: '500',
  }),
  liveEventsHeartbeatMs: setting(
    'HTTP_LIVE_EVENTS_HEARTBEAT_MS',
    wholeNumber({ min: 10, max: 600_000, byDefault: 15_000 }),
    {
      example: '15000',
    },
  ),
  liveEventsLifetimeMs: setting(
    'HTTP_LIVE_EVENTS_LIFETIME_MS',
    wholeNumber({ min: 100, max: 86_400_000, byDefault: 300_000 }),
    {
      example: '300000',
    },
  ),
  liveEventsStallMsMax: setting(
    'HTTP_LIVE_EVENTS_STALL_MS_MAX',
    wholeNumber({ min: 10, max: 600_000, byDefault: 30_000 }),
    {
      example: '30000',
    },
  ),
  waitsMax: setting('HTTP_WAITS_MAX', wholeNumber({ min: 0, max: 100_000, byDefault: 500 }), {
    example: '500',
  }),
  waitMsMax: setting('HTTP_WAIT_MS_MAX', wholeNumber({ min: 0, max: 60_000, byDefault: 5_000 }), {
    example: '5000',
  }),
} satisfies Record<string, Setting>;

export type LiveConfig = ConfigOf<typeof liveSettings>;
