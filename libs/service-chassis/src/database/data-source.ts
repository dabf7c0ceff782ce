import { minutes, pause, seconds, systemClock, type Logger } from '@millrace/streaming-core/runtime';
import { snakeCaseNames, type EntityClass } from '@millrace/read-models';
import { DataSource } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { ServiceError } from '../ground/errors.ts';

/**
 * A new connection costs 6 to 7 ms of CPU, and its statements are planned again. With the pool's
 * default of 10 s, orders that arrive a few times a minute would pay for that each time.
 */
const idleConnectionMs = minutes(1);

/**
 * Makes an idle connection to PostgreSQL end soon after the network begins to drop its packets.
 * By default, TCP would notice that only after hours.
 */
export const probing = { keepAlive: true, keepAliveInitialDelayMillis: seconds(10) };

/**
 * How long a statement waits for its answer before its connection counts as lost. The server ends
 * a transaction earlier (`transactionMsMax`). TCP would give up a connection that drops packets
 * only after a quarter of an hour.
 */
const answerMs = seconds(10);

/**
 * The longest that a transaction of a service may take: shorter than the group's session timeout, so
 * that a stuck transaction ends before its partitions move.
 */
export const transactionMsMax = seconds(5);

export interface DatabaseOptions {
  readonly url: string;
  /** The entities that projections maintain and controllers read. */
  readonly entities?: readonly EntityClass[];
  readonly poolSize?: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Must be longer than a transaction may take. */
  readonly answerTimeoutMs?: number;
}

/**
 * Returns an error that names the host and the database but never the password. The cause may be
 * permanent, such as a wrong password.
 */
export const databaseUnreachable = (url: string, cause: unknown): ServiceError =>
  new ServiceError(
    'database_unreachable',
    `cannot reach the database ${placeOf(url)}: ${reasonOf(cause)}. Is PostgreSQL running, and does the database exist?`,
    { cause },
  );

export function createDataSource({
  url,
  entities = [],
  poolSize = 6,
  applicationName,
  answerTimeoutMs = answerMs,
}: DatabaseOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName,
    poolSize,
    entities: [...entities],
    namingStrategy: snakeCaseNames,
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    logging: false,
    connectTimeoutMS: 5_000,
    extra: {
      ...probing,
      pipeline: true,
      idleTimeoutMillis: idleConnectionMs,
      query_timeout: answerTimeoutMs,
      options: sessionOptions,
    },
  });
}

/** Returns what a connection beside the pool needs. */
export function addressOf({ options }: DataSource): {
  readonly databaseUrl: string;
  readonly applicationName: string;
} {
  const { url = '', applicationName = '' } = options as PostgresDataSourceOptions;
  return { databaseUrl: url, applicationName };
}

/**
 * The options that each connection of a service starts with. Every statement is written so that one
 * plan suits all its parameters. By default, PostgreSQL would plan statements with optional bounds at
 * each execution, which costs more than running them.
 */
const sessionOptions =
  `-c plan_cache_mode=force_generic_plan -c transaction_timeout=${transactionMsMax} ` +
  `-c idle_in_transaction_session_timeout=${seconds(10)}`;

export interface WaitOptions {
  readonly url: string;
  readonly waitMsMax: number;
  readonly logger: Logger;
  readonly retryDelayMs?: number;
}

/**
 * Connects, and waits for a database that is still starting, which it logs once. Rejects with
 * `database_unreachable`.
 */
export async function connect(
  dataSource: DataSource,
  { url, waitMsMax, logger, retryDelayMs = 200 }: WaitOptions,
): Promise<void> {
  const deadline = systemClock.monotonic() + waitMsMax;
  for (let attempt = 1; ; attempt++) {
    try {
      await dataSource.initialize();
      return;
    } catch (error) {
      if (!mayPass(error) || systemClock.monotonic() + retryDelayMs > deadline)
        throw databaseUnreachable(url, error);
      if (attempt === 1)
        logger.info(
          { database: placeOf(url), reason: reasonOf(error) },
          `waiting up to ${waitMsMax} ms for the database`,
        );
      await pause(systemClock, retryDelayMs);
    }
  }
}

/**
 * Codes of errors that may go away with time: PostgreSQL is starting up or shutting down, has too
 * many connections, or the setup step has not created the database yet. A wrong password is not one
 * of them.
 */
const passing = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '3D000',
]);

const mayPass = (error: unknown): boolean =>
  error instanceof AggregateError
    ? error.errors.some(mayPass)
    : error instanceof Error &&
      (!('code' in error) || typeof error.code !== 'string' || passing.has(error.code));

function placeOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? '(unreadable URL)' : `${parsed.host}${parsed.pathname}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error && error.message !== '' ? error.message : String(error);
}
