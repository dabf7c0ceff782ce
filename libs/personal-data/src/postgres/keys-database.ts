import { pgDatabase, type SqlDatabase } from '@millrace/streaming-core/postgres';
import type { DurationMs, Logger } from '@millrace/streaming-core/runtime';
import { Pool } from 'pg';
import { answered } from './postgres-keys.ts';

export interface KeysDatabase {
  readonly database: SqlDatabase;
  /** The same database for statements that may take minutes, over a connection of its own. */
  readonly maintenance: SqlDatabase;
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
const maintenanceMsMax = 600_000;

/** Opens the database of the keys. Connections are made when they are needed and closed when idle. */
export function openKeysDatabase({
  url,
  logger,
  timeoutMs = 2_000,
  applicationName,
}: KeysDatabaseOptions): KeysDatabase {
  const open = (connections: number, statementMsMax: DurationMs, lockMsMax?: DurationMs) => {
    const pool = new Pool({
      connectionString: url,
      max: connections,
      idleTimeoutMillis: idleConnectionMs,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: statementMsMax,
      statement_timeout: statementMsMax,
      lock_timeout: lockMsMax,
      application_name: applicationName,
    });
    pool.on('error', (error) => logger.warn({ err: error }, 'an idle connection to the keys was lost'));
    return pool;
  };
  const pool = open(connectionsMax, timeoutMs);
  // Whoever needs a key waits behind the lock that the rewriting of the table waits for.
  const maintenance = open(1, maintenanceMsMax, timeoutMs / 2);
  return {
    database: pgDatabase(pool),
    maintenance: pgDatabase(maintenance),
    close: async () => void (await Promise.all([pool.end(), maintenance.end()])),
  };
}

/**
 * Returns the id of a database of keys. Copies of it have the same id. Rejects with `keys_unavailable`
 * if it does not answer, or if it lacks the migrations of this library.
 */
export async function keysDatabaseId(database: SqlDatabase): Promise<string> {
  const { rows } = await answered(database.query<{ id: string }>('SELECT id FROM keys_identity'));
  const [row] = rows;
  if (row === undefined) throw new RangeError('the table keys_identity of the keys has no row');
  return row.id;
}
