import { setMaxListeners } from 'node:events';
import type { Base, BaseOptions } from '@platformatic/kafka';
import { type Clock, type DurationMs, type Logger, systemClock, withDeadline } from '../../runtime/index.ts';
import type { BackoffOptions } from '../backoff.ts';
import { BootstrapOrder } from './bootstrap-order.ts';
import { ClientError } from '../client-error.ts';
import { libraryOptionsOf, type ConnectionSecurity } from './security.ts';

/** The options of every client. */
export interface ConnectionOptions {
  /** `host:port` of one or more brokers. The client finds the others through them. */
  readonly bootstrapServers: readonly string[];
  /** The name of the service, which the broker's logs and quotas show. */
  readonly clientId: string;
  readonly logger: Logger;
  /** TLS and credentials. There are none by default. */
  readonly security?: ConnectionSecurity;
  readonly clock?: Clock;
  /** Returns numbers that are uniform in [0, 1), which spread retries in time. */
  readonly random?: () => number;
  readonly connectTimeoutMs?: DurationMs;
  readonly requestTimeoutMs?: DurationMs;
  /**
   * How long a broker may take to answer a metadata request before the client asks the next one.
   */
  readonly metadataTimeoutMs?: DurationMs;
  readonly retryDelayMsMin?: DurationMs;
  readonly retryDelayMsMax?: DurationMs;
}

export interface ConnectionSettings extends Required<ConnectionOptions>, BackoffOptions {
  readonly bootstrapOrder: BootstrapOrder;
}

export function connectionSettings(options: ConnectionOptions): ConnectionSettings {
  return Object.freeze({
    clock: systemClock,
    random: Math.random,
    security: {},
    connectTimeoutMs: 3_000,
    requestTimeoutMs: 30_000,
    metadataTimeoutMs: 5_000,
    retryDelayMsMin: 100,
    retryDelayMsMax: 2_000,
    ...defined(options),
    bootstrapOrder: new BootstrapOrder(options.clock ?? systemClock),
  });
}

/**
 * The library's base options. Its own retries are off, because our loops retry within limits and
 * see every failure.
 */
export function libraryOptions(settings: ConnectionSettings): BaseOptions {
  return {
    clientId: settings.clientId,
    bootstrapBrokers: [...settings.bootstrapServers],
    connectTimeout: settings.connectTimeoutMs,
    requestTimeout: settings.requestTimeoutMs,
    timeout: Math.min(settings.requestTimeoutMs, 15_000),
    retries: 0,
    retryDelay: settings.retryDelayMsMin,
    autocreateTopics: false,
    ...libraryOptionsOf(settings.security, settings.bootstrapServers),
  };
}

/**
 * Logs `error` events, because an `error` event without a listener would end the process. The
 * library emits one after a failed rejoin, and the caller gets that failure anyway.
 */
export function guardEvents<Client extends Base>(client: Client, settings: ConnectionSettings): Client {
  setMaxListeners(0, client);
  settings.bootstrapOrder.guide(client);
  client.on(
    'error' as never,
    ((error: Error) => settings.logger.debug({ error }, 'the Kafka client reported an error')) as never,
  );
  return client;
}

const closeLimitMs = 3_000;

/**
 * Closes a client of the library within 3 s. If the close fails and leaves sockets open, closes the
 * connections directly.
 */
export async function closeQuietly(
  client: Base,
  close: () => Promise<void>,
  settings: ConnectionSettings,
): Promise<void> {
  const late = () => new ClientError('timeout', `the Kafka client did not close within ${closeLimitMs} ms`);
  try {
    await withDeadline(settings.clock, closeLimitMs, close(), late);
  } catch (error) {
    settings.logger.debug({ error }, 'the Kafka client did not close cleanly');
    client.connections.close(() => undefined);
  }
}

/** Options given as `undefined` mean the default. */
function defined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
