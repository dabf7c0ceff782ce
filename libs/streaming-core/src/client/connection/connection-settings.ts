import { silentLogger, systemClock, type Clock, type DurationMs, type Logger } from '../../runtime/index.ts';
import type { BackoffOptions } from '../backoff.ts';
import type { ConnectionSecurity } from './security.ts';

/** The options of every client. */
export interface ConnectionOptions {
  /** `host:port` of one or more brokers. The client finds the others through them. */
  readonly bootstrapServers: readonly string[];
  /** The name of the service, which the broker's logs and quotas show. */
  readonly clientId: string;
  /**
   * Logs what the client recovers from, and what an operator has to know. The default is silent.
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

export function connectionSettings(options: ConnectionOptions): ConnectionSettings {
  return Object.freeze({
    logger: silentLogger,
    clock: systemClock,
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

/** Options given as `undefined` mean the default. */
function defined<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}
