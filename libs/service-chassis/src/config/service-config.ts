import { bootstrapServersOf, readConnectionSecurity } from '@millrace/streaming-core/client';
import { z } from 'zod';
import { liveSettings } from './live-settings.ts';
import { retrySettings } from './retry-settings.ts';
import { roleNames, roles } from './roles.ts';
import { setting, type ConfigOf, type Settings, wholeNumber } from './setting.ts';
import { watchSettings } from './watch-settings.ts';

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
    { example: '65536' },
  ),
  headerBytesMax: setting(
    'HTTP_HEADER_BYTES_MAX',
    wholeNumber({ min: 1_024, max: 262_144, byDefault: 16_384 }),
    { example: '16384' },
  ),
  inFlightMax: setting('HTTP_IN_FLIGHT_MAX', wholeNumber({ min: 1, max: 100_000, byDefault: 500 }), {
    example: '500',
  }),
  perSecond: setting('HTTP_RATE_PER_SECOND', wholeNumber({ min: 0, max: 1_000_000, byDefault: 5_000 }), {
    example: '5000',
  }),
  perClientAndSecond: setting(
    'HTTP_CLIENT_RATE_PER_SECOND',
    wholeNumber({ min: 0, max: 1_000_000, byDefault: 2_000 }),
    {
      example: '2000',
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
    }),
    host: setting(`${own}_HOST`, z.string().max(255).default('127.0.0.1'), { example: '127.0.0.1' }),
    /**
     * The name of this process, unique within the service. A process restarted under the same name
     * resumes immediately. Without a name, every start joins as a new member.
     */
    instance: setting(instanceVariable(service), instanceName, { example: `${service}-1` }),
    /** The roles of this process, so that one service can be split into several processes. */
    roles: setting('ROLES', roles, { example: roleNames.join(',') }),
    databaseUrl: setting(`${own}_DATABASE_URL`, databaseUrl, {
      example: `postgres://millrace:secret@127.0.0.1:54329/${service}`,
    }),
    databasePoolSize: setting(`${own}_DATABASE_POOL_SIZE`, wholeNumber({ min: 2, max: 200, byDefault: 10 }), {
      example: '10',
    }),
    bootstrapServers: setting('KAFKA_BOOTSTRAP_SERVERS', brokers, { example: '127.0.0.1:9092' }),
    security: { readTogether: (environment) => readConnectionSecurity(environment) },
    logLevel: setting(
      'LOG_LEVEL',
      z
        .enum(['debug', 'info', 'warn', 'error', 'silent'], 'must be debug, info, warn, error or silent')
        .default('info'),
      { example: 'info' },
    ),
    ...httpLimits,
    corsOrigins: setting('HTTP_CORS_ORIGINS', origins, { example: 'https://shop.example.org' }),
    startupWaitMs: setting('STARTUP_WAIT_MS', wholeNumber({ min: 0, max: 600_000, byDefault: 30_000 }), {
      example: '30000',
    }),
    shutdownGraceMs: setting('SHUTDOWN_GRACE_MS', wholeNumber({ min: 100, max: 600_000, byDefault: 5_000 }), {
      example: '5000',
    }),
    snapshotEveryEvents: setting(
      'SNAPSHOT_EVERY_EVENTS',
      wholeNumber({ min: 0, max: 1_000_000, byDefault: 1_000 }),
      { example: '1000' },
    ),
    /** `inboxRetentionMs` checks this against the topics that the service reads. */
    inboxRetentionDays: setting('INBOX_RETENTION_DAYS', wholeNumber({ min: 1, max: 3_650, byDefault: 31 }), {
      example: '31',
    }),
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
