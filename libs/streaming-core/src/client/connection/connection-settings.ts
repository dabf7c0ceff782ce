import { systemClock, type Clock, type DurationMs, type Logger } from '../../runtime/index.ts';
import { z } from 'zod';
import type { BackoffOptions } from './retries.ts';
import {
  countFrom1,
  defined,
  functionOf,
  listOf,
  named,
  objectWith,
  optionsOf,
  span,
  text,
  type OptionSchemas,
  oneOf,
} from './options.ts';
import { WarningLog } from './warning-log.ts';
import { saslMechanisms, type ConnectionSecurity } from './security.ts';

/** The options of every client. */
export interface ConnectionOptions {
  /** `host:port` of one or more brokers. The client finds the others through them. */
  readonly bootstrapServers: readonly string[];
  /** The name of the service, which the broker's logs and quotas show. */
  readonly clientId: string;
  /**
   * Logs what the client recovers from, and what an operator has to know. By default, warnings and
   * errors are lines on standard error. `silentLogger` of the entry point `runtime` logs nothing.
   */
  readonly logger?: Logger;
  /** TLS and credentials. There are none by default. */
  readonly security?: ConnectionSecurity;
  readonly clock?: Clock;
  /** Returns numbers that are uniform in [0, 1), which spread retries in time. */
  readonly random?: () => number;
  readonly connectTimeoutMs?: DurationMs;
  readonly requestTimeoutMs?: DurationMs;
  /**
   * How long a broker may take to answer a metadata request or a step of the handshake before the
   * client asks the next one.
   */
  readonly metadataTimeoutMs?: DurationMs;
  readonly retryDelayMsMin?: DurationMs;
  readonly retryDelayMsMax?: DurationMs;
  /** The largest response that the client accepts. The default is 256 MiB. */
  readonly responseBytesMax?: number;
}

export interface ConnectionSettings extends Required<ConnectionOptions>, BackoffOptions {}

const server = z.string('host:port').regex(/^(\[[^\]\s]+\]|[^\s:]+):\d{1,5}$/, 'host:port');

/** A function, so that no log shows the secret that it returns. */
const secret = (what: string) => functionOf(`a function that returns ${what}, so that no log shows it`);

const login = z.discriminatedUnion(
  'mechanism',
  [
    optionsOf({
      mechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']),
      username: named('the name of the user'),
      password: secret('the password'),
    }),
    optionsOf({
      mechanism: z.literal('OAUTHBEARER'),
      token: secret('a token'),
      rejected: functionOf('a function that is told of a rejected token').optional(),
    }),
  ],
  oneOf(saslMechanisms),
);

const secureContext = z.custom(
  (value) => typeof value === 'object' && value !== null && 'context' in value,
  'a secure context, which readConnectionSecurity or createSecureContext of node:tls returns',
);

export const connectionSchemas = {
  bootstrapServers: listOf(server, "host:port, such as ['127.0.0.1:9092']", 'at least one host:port'),
  clientId: text,
  logger: objectWith(
    ['debug', 'info', 'warn', 'error'],
    'a logger, such as console or one of pino',
  ).optional(),
  security: optionsOf(
    { tls: secureContext.optional(), sasl: login.optional() },
    'an object with tls and sasl, which readConnectionSecurity(process.env) returns',
  ).optional(),
  clock: objectWith(['now', 'monotonic', 'after'], 'a clock').optional(),
  random: functionOf('a function that returns numbers from 0 to 1').optional(),
  connectTimeoutMs: span.optional(),
  requestTimeoutMs: span.optional(),
  metadataTimeoutMs: span.optional(),
  retryDelayMsMin: span.optional(),
  retryDelayMsMax: span.optional(),
  responseBytesMax: countFrom1.optional(),
} satisfies OptionSchemas<ConnectionOptions>;

/** Fills in the defaults. */
export function connectionSettings(options: ConnectionOptions): ConnectionSettings {
  const { clientId, clock = systemClock } = options;
  return Object.freeze({
    logger: new WarningLog({ clientId, clock }),
    clock,
    random: Math.random,
    security: {},
    connectTimeoutMs: 3_000,
    requestTimeoutMs: 30_000,
    metadataTimeoutMs: 5_000,
    retryDelayMsMin: 100,
    retryDelayMsMax: 2_000,
    responseBytesMax: 256 * 1024 * 1024,
    ...defined(options),
  });
}
