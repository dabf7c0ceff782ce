import { z } from 'zod';
import type { LogSubject } from '../logging/request-context.ts';
import { token } from '../provide.ts';
import type { OpsConfig } from './ops-settings.ts';
import type { Role } from './roles.ts';
import { setting, type ConfigOf, type Settings, wholeNumber } from './setting.ts';

/** The app that runs in this process. */
export interface AppIdentity {
  /** The name of the app, such as `order`. */
  readonly name: string;
  readonly config: AppConfig;
  readonly logSubject?: LogSubject;
}

/** The name and the settings of the app that runs in this process. */
export const APP = token<AppIdentity>('AppIdentity');

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
 * The settings of every app that answers HTTP. `ORDER_PORT` and `ORDER_HOST` carry its name. Port 0
 * takes any free port.
 */
export function appConfig(app: string, port: number) {
  const own = prefixOf(app);
  return {
    port: setting(`${own}_PORT`, wholeNumber({ min: 0, max: 65_535, byDefault: port }), {
      example: String(port),
      meaning: 'The port on which the service listens. 0 takes any free port.',
    }),
    host: setting(`${own}_HOST`, z.string().max(255).default('127.0.0.1'), {
      example: '127.0.0.1',
      meaning: 'The address on which the service listens.',
    }),
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
    shutdownGraceMs: setting('SHUTDOWN_GRACE_MS', wholeNumber({ min: 100, max: 600_000, byDefault: 5_000 }), {
      meaning: 'How long requests in flight may take when the service stops.',
    }),
  } satisfies Settings;
}

export const prefixOf = (app: string): string => app.toUpperCase().replaceAll('-', '_');

/** An app without roles has the role `api`. One without `opsPort` has no operator API. */
export type AppConfig = ConfigOf<ReturnType<typeof appConfig>> &
  Partial<OpsConfig> & { readonly roles?: readonly Role[]; readonly instance?: string | undefined };
