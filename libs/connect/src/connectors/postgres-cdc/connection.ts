import pg from 'pg';
import { ConnectError, RetriableConnectError } from '../../plugin/connect-error.ts';
import type { DatabaseAddress } from './settings.ts';

/** Values stay text as PostgreSQL writes it, because Debezium's types are made from that text. */
const asText = { getTypeParser: () => (text: string | Buffer) => text };

/** The formats that the parsers of values expect, whatever the server's defaults are. */
const formats =
  '-c DateStyle=ISO -c IntervalStyle=postgres -c TimeZone=UTC -c bytea_output=hex -c ' +
  'extra_float_digits=3 -c xmloption=content';

const connectMsMax = 15_000;

export interface ConnectionOptions {
  readonly address: DatabaseAddress;
  readonly application: string;
  /** Opens the connection with the replication protocol. */
  readonly replication?: boolean;
}

/** Opens a connection. Throws the error that `databaseError` makes of a failure. */
export async function connectTo({
  address,
  application,
  replication,
}: ConnectionOptions): Promise<pg.Client> {
  const { host, port, user, password, database, tls } = address;
  const client = new pg.Client({
    host,
    port,
    user,
    password,
    database,
    application_name: application,
    ssl: tls === 'disable' ? false : { rejectUnauthorized: tls === 'verify-full' },
    options: formats,
    types: asText as pg.CustomTypesConfig,
    connectionTimeoutMillis: connectMsMax,
    keepAlive: true,
    ...(replication === true && { replication: 'database' }),
  });
  client.on('error', () => undefined); // a lost connection already fails the query in flight
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw databaseError(error);
  }
}

/** A snapshot and a replication stream may take hours. */
export const withoutTimeouts = `
  SELECT set_config(name, '0', false) FROM pg_settings
  WHERE name IN ('statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout',
    'idle_session_timeout')`;

const retriable = /^(08|53|57P0[1235]|58|40|55P03)/;
const lost = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)/;

const remedies: Readonly<Record<string, string>> = {
  '28P01': 'correct database.user and database.password',
  '28000': 'let the role log in to this database (pg_hba.conf), or correct database.user',
  '3D000': 'correct database.dbname',
  '42501': 'the role of database.user needs LOGIN, REPLICATION, and SELECT on the tables',
};

/**
 * Says what a failure of the database means: `RetriableConnectError` if it does not answer, otherwise
 * `ConnectError` with the remedy.
 */
export function databaseError(error: unknown): Error {
  if (error instanceof ConnectError || error instanceof RetriableConnectError) return error;
  const { code = '', message = String(error) } = error as {
    readonly code?: string;
    readonly message?: string;
  };
  if (retriable.test(code) || lost.test(code) || /connection terminated|timeout expired/i.test(message))
    return new RetriableConnectError(`the database does not answer: ${message || code}`, { cause: error });
  const remedy = remedies[code];
  return new ConnectError(`the database refuses: ${message}${remedy === undefined ? '' : `: ${remedy}`}`, {
    cause: error,
  });
}
