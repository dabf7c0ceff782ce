import { deliveries } from '@millrace/streaming-core/outbox';
import { z } from 'zod';
import { appConfig, type AppIdentity } from './app-config.ts';
import { databaseSettings } from './database-config.ts';
import { logClientSettings, type LogClientIdentity } from './log-client-config.ts';
import { opsSettings } from './ops-settings.ts';
import { setting, type ConfigOf, type Settings, wholeNumber, type Setting } from './setting.ts';
import { watchSettings } from './watch-settings.ts';
import { token } from '../provide.ts';

/** An app with a database and messages. Its name is also the consumer group, and the last part of `ce_source`. */
export interface ServiceIdentity extends LogClientIdentity {
  readonly config: ServiceConfig;
}

export const SERVICE = token<ServiceIdentity>('ServiceIdentity');

/**
 * These settings limit how long the consumer retries a message whose handler fails. A handler can
 * override them (`@Handles`).
 */
const retrySettings = {
  retryInPlaceMs: setting('RETRY_IN_PLACE_MS', wholeNumber({ min: 0, max: 60_000, byDefault: 5_000 }), {
    meaning: 'How long a message whose handler fails is retried while its partition waits, at most 60000.',
  }),
  retryParkedMs: setting('RETRY_PARKED_MS', wholeNumber({ min: 0, max: 604_800_000, byDefault: 3_600_000 }), {
    meaning:
      'How long the message is then retried while only its key waits, at most 7 days. After that it ' +
      'becomes a dead letter. 0: it becomes one at once.',
  }),
} satisfies Settings;

/** Limits on answers that send live events. */
export const liveEventsSettings = {
  liveEventsMax: setting('HTTP_LIVE_EVENTS_MAX', wholeNumber({ min: 0, max: 100_000, byDefault: 500 }), {
    meaning:
      'The number of open responses that send live events. Further requests get 503 and `Retry-After`.',
  }),
  liveEventsHeartbeatMs: setting(
    'HTTP_LIVE_EVENTS_HEARTBEAT_MS',
    wholeNumber({ min: 10, max: 600_000, byDefault: 15_000 }),
    { meaning: 'How often an open response gets a comment, or the event `alive` if a page follows it.' },
  ),
  liveEventsLifetimeMs: setting(
    'HTTP_LIVE_EVENTS_LIFETIME_MS',
    wholeNumber({ min: 100, max: 86_400_000, byDefault: 300_000 }),
    {
      meaning: 'The response ends after this time, and the client reconnects with the id of its last event.',
    },
  ),
  liveEventsStallMsMax: setting(
    'HTTP_LIVE_EVENTS_STALL_MS_MAX',
    wholeNumber({ min: 10, max: 600_000, byDefault: 30_000 }),
    { meaning: 'A client that reads nothing for this time is disconnected.' },
  ),
} satisfies Record<string, Setting>;

/** Limits on reads that wait for a version. */
const waitSettings = {
  waitsMax: setting('HTTP_WAITS_MAX', wholeNumber({ min: 0, max: 100_000, byDefault: 500 }), {
    meaning:
      'The number of requests that wait at the same time, for a version with `?wait=` or for the ' +
      'price of a new product. Further requests get 503.',
  }),
  waitMsMax: setting('HTTP_WAIT_MS_MAX', wholeNumber({ min: 0, max: 60_000, byDefault: 5_000 }), {
    meaning: 'How long one of these requests waits at most.',
  }),
} satisfies Record<string, Setting>;

/**
 * The settings that every service has. `ORDER_PORT`, `ORDER_HOST` and `ORDER_DATABASE_URL` carry
 * the service's name. Port 0 takes any free port. Times are in milliseconds, unless a name says
 * days.
 *
 * @example
 * ```ts
 * import { serviceConfig, setting, wholeNumber, type ConfigOf } from '@millrace/service-chassis/config';
 *
 * export const settings = {
 *   ...serviceConfig('rooms', 3010), // ROOMS_PORT, 3010 by default
 *   floors: setting('FLOORS', wholeNumber({ min: 1, max: 99, byDefault: 3 }), {
 *     meaning: 'The number of floors.',
 *   }),
 * };
 * export type RoomsConfig = ConfigOf<typeof settings>;
 * ```
 */
export function serviceConfig(service: string, port: number) {
  return {
    ...appConfig(service, port),
    ...databaseSettings(service),
    ...logClientSettings(service),
    snapshotEveryEvents: setting(
      'SNAPSHOT_EVERY_EVENTS',
      wholeNumber({ min: 0, max: 1_000_000, byDefault: 1_000 }),
      {
        meaning:
          'The number of events after which a long stream gets a new snapshot, in domains with ' +
          'snapshots. 0: the service takes no new snapshots, and still uses the existing ones.',
      },
    ),
    /** `inboxRetentionMs` checks this against the topics that the service reads. */
    inboxRetentionDays: setting('INBOX_RETENTION_DAYS', wholeNumber({ min: 1, max: 3_650, byDefault: 31 }), {
      meaning:
        'How long the inbox remembers handled messages. A service does not start if this is shorter ' +
        'than the retention of a topic that it reads or of its dead-letter topic, and names the ' +
        'topic. A longer time costs disk space.',
    }),
    idlePollMs: setting('IDLE_POLL_MS', wholeNumber({ min: 10, max: 60_000, byDefault: 5_000 }), {
      meaning:
        'How often the relay and the workers of external calls look for work that no commit has ' +
        'announced to them.',
    }),
    relayDelivery: setting(
      'RELAY_DELIVERY',
      z.enum(deliveries, `must be ${deliveries.join(' or ')}`).default('at-least-once'),
      {
        example: 'exactly-once',
        meaning:
          '`at-least-once` or `exactly-once`: how often the relay may publish a message. With ' +
          '`exactly-once` it publishes in transactions, and readers with `read_committed` see every ' +
          'message once. Give all processes of the service the same value.',
      },
    ),
    relay: setting('RELAY', z.enum(['poll', 'cdc'], 'must be poll or cdc').default('poll'), {
      example: 'cdc',
      meaning:
        'Who publishes the outbox. `poll`: the relay reads the table. `cdc`: a connector reads the ' +
        'write-ahead log of the database, and the relay creates it at `RELAY_CONNECT_URL` and hands over to ' +
        'it. Give all processes of the service the same value.',
    }),
    relayConnectUrl: setting('RELAY_CONNECT_URL', z.url('must be a URL').default('http://127.0.0.1:8083'), {
      example: 'http://connect:8083',
      meaning:
        'The REST interface of a Connect worker, for `RELAY=cdc`. The worker must reach the database by ' +
        'the same address as the service.',
    }),
    ...opsSettings,
    ...liveEventsSettings,
    ...waitSettings,
    ...retrySettings,
    ...watchSettings,
  } satisfies Settings;
}

/** True for an app whose settings are those of `serviceConfig`. */
export const isService = (app: AppIdentity): app is ServiceIdentity => 'inboxRetentionDays' in app.config;

export type ServiceConfig = ConfigOf<ReturnType<typeof serviceConfig>>;
