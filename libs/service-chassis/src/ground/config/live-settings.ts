import { setting, type Setting, wholeNumber } from './setting.ts';

/** Limits on answers that stay open: live events, and reads that wait for a version. */
export const liveSettings = {
  liveEventsMax: setting('HTTP_LIVE_EVENTS_MAX', wholeNumber({ min: 0, max: 100_000, byDefault: 500 }), {
    example: '500',
    meaning:
      'The number of open responses that send live events. Further requests get 503 and `Retry-After`.',
  }),
  liveEventsHeartbeatMs: setting(
    'HTTP_LIVE_EVENTS_HEARTBEAT_MS',
    wholeNumber({ min: 10, max: 600_000, byDefault: 15_000 }),
    { example: '15000', meaning: 'After this time without an event, the response gets a comment.' },
  ),
  liveEventsLifetimeMs: setting(
    'HTTP_LIVE_EVENTS_LIFETIME_MS',
    wholeNumber({ min: 100, max: 86_400_000, byDefault: 300_000 }),
    {
      example: '300000',
      meaning: 'The response ends after this time, and the client reconnects with the id of its last event.',
    },
  ),
  liveEventsStallMsMax: setting(
    'HTTP_LIVE_EVENTS_STALL_MS_MAX',
    wholeNumber({ min: 10, max: 600_000, byDefault: 30_000 }),
    { example: '30000', meaning: 'A client that reads nothing for this time is disconnected.' },
  ),
  waitsMax: setting('HTTP_WAITS_MAX', wholeNumber({ min: 0, max: 100_000, byDefault: 500 }), {
    example: '500',
    meaning:
      'The number of requests that wait at the same time, for a version with `?wait=` or for the ' +
      'price of a new product. Further requests get 503.',
  }),
  waitMsMax: setting('HTTP_WAIT_MS_MAX', wholeNumber({ min: 0, max: 60_000, byDefault: 5_000 }), {
    example: '5000',
    meaning: 'How long one of these requests waits at most.',
  }),
} satisfies Record<string, Setting>;
