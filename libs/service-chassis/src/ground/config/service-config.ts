import { bootstrapServersOf, readConnectionSecurity } from '@millrace/streaming-core/client';
import { deliveries } from '@millrace/streaming-core/outbox';
import { z } from 'zod';
import { opsSettings } from './ops-settings.ts';
import { roleNames, roles } from './roles.ts';
import { setting, type ConfigOf, type Settings, wholeNumber, type Setting } from './setting.ts';
import { watchSettings } from './watch-settings.ts';
import type { LogSubject } from '../logging/request-context.ts';
import { token } from '../provide.ts';

export interface ServiceIdentity {
  /**
   * The service's name, such as `order`. It is also the consumer group, and the last part of
   * `ce_source`.
   */
  readonly name: string;
  readonly config: ServiceConfig;
  readonly logSubject?: LogSubject;
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

/** Limits on answers that stay open: live events, and reads that wait for a version. */
const liveSettings = {
  liveEventsMax: setting('HTTP_LIVE_EVENTS_MAX', wholeNumber({ min: 0, max: 100_000, byDefault: 500 }), {
    meaning:
      'The number of open responses that send live events. Further requests get 503 and `Retry-After`.',
  }),
  liveEventsHeartbeatMs: setting(
    'HTTP_LIVE_EVENTS_HEARTBEAT_MS',
    wholeNumber({ min: 10, max: 600_000, byDefault: 15_000 }),
    { meaning: 'After this time without an event, the response gets a comment.' },
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
  waitsMax: setting('HTTP_WAITS_MAX', wholeNumber({ min: 0, max: 100_000, byDefault: 500 }), {
    meaning:
      'The number of requests that wait at the same time, for a version with `?wait=` or for the ' +
      'price of a new product. Further requests get 503.',
  }),
  waitMsMax: setting('HTTP_WAIT_MS_MAX', wholeNumber({ min: 0, max: 60_000, byDefault: 5_000 }), {
    meaning: 'How long one of these requests waits at most.',
  }),
} satisfies Record<string, Setting>;

export const databaseUrl = z
  .string()
  .refine(
    (text) => isUrlOf(text, ['postgres:', 'postgresql:']),
    'must be a URL that begins with postgres://',
  );

const brokers = z.string().transform((text, context) => {
  const servers = bootstrapServersOf(text);
  if (servers !== undefined) return servers;
  context.addIssue('must be HOST:PORT, up to 20 of them separated by commas');
  return z.NEVER;
});

const instanceName = z
  .string()
  .regex(/^[A-Za-z0-9.-]{1,100}$/, 'must have 1 to 100 letters, digits, dots or dashes')
  .optional();

/** Origins as browsers send them (RFC 6454): scheme, host and port, without a path. */
const origins = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((origin) => origin.trim() || []))
  .pipe(
    z
      .array(
        z
          .string()
          .refine(
            (origin) => URL.parse(origin)?.origin === origin,
            'must be origins such as https://shop.example.org, separated by commas',
          ),
      )
      .max(50, 'must name at most 50 origins'),
  );

/** Limits on HTTP requests. A rate of 0 means no limit. */
const httpLimits = {
  bodyBytesMax: setting(
    'HTTP_BODY_BYTES_MAX',
    wholeNumber({ min: 1_024, max: 8_388_608, byDefault: 65_536 }),
    { meaning: 'A request with a larger body gets 413.' },
  ),
  headerBytesMax: setting(
    'HTTP_HEADER_BYTES_MAX',
    wholeNumber({ min: 1_024, max: 262_144, byDefault: 16_384 }),
    { meaning: 'A request whose request line and headers have more bytes gets 431.' },
  ),
  inFlightMax: setting('HTTP_IN_FLIGHT_MAX', wholeNumber({ min: 1, max: 100_000, byDefault: 500 }), {
    meaning:
      'The number of requests that are answered at the same time. Further requests get 503 and ' +
      '`Retry-After`. Live events have a limit of their own.',
  }),
  perSecond: setting('HTTP_RATE_PER_SECOND', wholeNumber({ min: 0, max: 1_000_000, byDefault: 5_000 }), {
    meaning:
      'The number of requests per second from all callers together, and the size of a burst. ' +
      'Further requests get 429 and `Retry-After`. 0: no limit.',
  }),
  perClientAndSecond: setting(
    'HTTP_CLIENT_RATE_PER_SECOND',
    wholeNumber({ min: 0, max: 1_000_000, byDefault: 2_000 }),
    {
      meaning:
        'The same limit for one address (for IPv6, its first 64 bits). Behind a proxy all callers ' +
        'have the address of the proxy: set this to 0 and let the proxy limit them.',
    },
  ),
} satisfies Settings;

/**
 * The settings that every service has. `ORDER_PORT`, `ORDER_HOST` and `ORDER_DATABASE_URL` carry
 * the service's name. Port 0 takes any free port.
 */
export function serviceConfig(service: string, port: number) {
  const own = prefixOf(service);
  return {
    port: setting(`${own}_PORT`, wholeNumber({ min: 0, max: 65_535, byDefault: port }), {
      example: String(port),
      meaning: 'The port on which the service listens. 0 takes any free port.',
    }),
    host: setting(`${own}_HOST`, z.string().max(255).default('127.0.0.1'), {
      example: '127.0.0.1',
      meaning: 'The address on which the service listens.',
    }),
    /** Without a name, every start joins the group as a new member. */
    instance: setting(instanceVariable(service), instanceName, {
      example: `${service}-1`,
      meaning:
        'A name that this process keeps across restarts. A process that is restarted under its name ' +
        'gets its partitions and its relay lease back at once. If two live processes have the same ' +
        'name, the older one stops and says so. `npm start` sets `order-1`.',
    }),
    roles: setting('ROLES', roles, {
      example: roleNames.join(','),
      meaning: 'The roles of this process, separated by commas.',
    }),
    databaseUrl: setting(`${own}_DATABASE_URL`, databaseUrl, {
      example: `postgres://millrace:secret@127.0.0.1:54329/${service}`,
      meaning: '`postgres://user:password@host:port/database`, PostgreSQL 17 or newer.',
    }),
    databasePoolSize: setting(`${own}_DATABASE_POOL_SIZE`, wholeNumber({ min: 2, max: 200, byDefault: 6 }), {
      meaning: 'The number of connections to the database.',
    }),
    bootstrapServers: setting('KAFKA_BOOTSTRAP_SERVERS', brokers, {
      example: '127.0.0.1:9092',
      meaning: '`host:port` of the brokers, separated by commas.',
    }),
    security: { readTogether: (environment) => readConnectionSecurity(environment) },
    logLevel: setting(
      'LOG_LEVEL',
      z
        .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
        .default('info'),
      { example: 'info', meaning: '`debug`, `info`, `warn`, `error` or `silent`.' },
    ),
    ...httpLimits,
    corsOrigins: setting('HTTP_CORS_ORIGINS', origins, {
      example: 'https://shop.example.org',
      meaning:
        'The origins of web pages that may call the service from a browser, separated by commas, ' +
        'such as `https://shop.example.org`.',
    }),
    startupWaitMs: setting('STARTUP_WAIT_MS', wholeNumber({ min: 0, max: 600_000, byDefault: 30_000 }), {
      meaning: 'How long the service waits for its database when it starts.',
    }),
    shutdownGraceMs: setting('SHUTDOWN_GRACE_MS', wholeNumber({ min: 100, max: 600_000, byDefault: 5_000 }), {
      meaning: 'How long requests in flight may take when the service stops.',
    }),
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
    ...opsSettings,
    ...liveSettings,
    ...retrySettings,
    ...watchSettings,
  } satisfies Settings;
}

/** The name of the variable, such as `ORDER_INSTANCE`. */
export const instanceVariable = (service: string): string => `${prefixOf(service)}_INSTANCE`;

export const prefixOf = (service: string): string => service.toUpperCase().replaceAll('-', '_');

export type ServiceConfig = ConfigOf<ReturnType<typeof serviceConfig>>;

function isUrlOf(text: string, protocols: readonly string[]): boolean {
  const url = URL.parse(text);
  return url !== null && protocols.includes(url.protocol) && url.pathname.length > 1;
}
