import { pgDatabase, type SqlDatabase } from '@millrace/streaming-core/postgres';
import { Pool } from 'pg';
import { answerMs, idleConnectionMs, probing, sessionOptions } from '../database/data-source.ts';

/**
 * The `SqlDatabase` of the read models: their own if `ORDER_READ_DATABASE_URL` is set, otherwise
 * the service's.
 */
export const READ_DATABASE = Symbol('SqlDatabase of the read models');

export interface OwnReadDatabase {
  readonly database: SqlDatabase;
  close(): Promise<void>;
}

export interface ReadDatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly applicationName: string;
}

/**
 * Opens a pool that connects at its first query, so that a service starts and accepts writes while
 * its read database is unreachable.
 */
export function openReadDatabase({ url, poolSize, applicationName }: ReadDatabaseOptions): OwnReadDatabase {
  const pool = new Pool({
    ...probing,
    connectionString: url,
    max: poolSize,
    idleTimeoutMillis: idleConnectionMs,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    query_timeout: answerMs,
    options: sessionOptions(),
  });
  pool.on('error', () => undefined); // a lost idle connection is replaced when it is needed
  return { database: pgDatabase(pool), close: () => pool.end() };
}
