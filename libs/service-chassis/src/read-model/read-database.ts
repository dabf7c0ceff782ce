import { pgDatabase, type SqlDatabase } from '@millrace/streaming-core/postgres';
import { Pool } from 'pg';
import { sessionOptions } from '../database/data-source.ts';

/** The `SqlDatabase` that the read models are in: their own where `ORDER_READ_DATABASE_URL` names one, else the service's. */
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

/** Connects when it is asked something, so that a service starts and takes writes while its read database is away. */
export function openReadDatabase({ url, poolSize, applicationName }: ReadDatabaseOptions): OwnReadDatabase {
  const pool = new Pool({
    connectionString: url,
    max: poolSize,
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    options: sessionOptions(),
  });
  pool.on('error', () => undefined); // an idle connection that is lost is replaced when the next one is needed
  return { database: pgDatabase(pool), close: () => pool.end() };
}
