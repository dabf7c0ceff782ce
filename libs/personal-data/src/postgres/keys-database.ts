import { pgDatabase, type SqlDatabase } from '@millrace/streaming-core/postgres';
import type { DurationMs, Logger } from '@millrace/streaming-core/runtime';
import { Pool } from 'pg';

export interface KeysDatabase {
  readonly database: SqlDatabase;
  close(): Promise<void>;
}

export interface KeysDatabaseOptions {
  readonly url: string;
  readonly logger: Logger;
  /** The longest time that a statement or a new connection may take. */
  readonly timeoutMs?: DurationMs;
  readonly applicationName?: string;
}

const connectionsMax = 2;
const idleConnectionMs = 10_000;

/** Opens the database of the keys. Connections are made when they are needed and closed when idle. */
export function openKeysDatabase({
  url,
  logger,
  timeoutMs = 2_000,
  applicationName,
}: KeysDatabaseOptions): KeysDatabase {
  const pool = new Pool({
    connectionString: url,
    max: connectionsMax,
    idleTimeoutMillis: idleConnectionMs,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    statement_timeout: timeoutMs,
    application_name: applicationName,
  });
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle connection to the keys was lost'));
  return { database: pgDatabase(pool), close: () => pool.end() };
}
