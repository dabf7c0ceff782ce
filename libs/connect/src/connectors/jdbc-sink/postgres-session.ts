import { Client, type QueryResultRow } from 'pg';
import { ConnectError, RetriableConnectError } from '../../plugin/connect-error.ts';
import type { DatabaseAddress } from './jdbc-url.ts';

const connectTimeoutMs = 10_000;

/** Returns the SQLSTATE of an error that PostgreSQL has reported, and undefined for any other error. */
export const sqlStateOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && /^[0-9A-Z]{5}$/.test(String(error.code))
    ? String(error.code)
    : undefined;

/** Tells whether PostgreSQL refused a value, because of wrong data, a broken constraint or a wrong type. */
export const isFaultOfData = (error: unknown): boolean => /^(22|23)|^42804$/.test(sqlStateOf(error) ?? '');

/**
 * The SQLSTATEs of faults that pass: lost connections, a shutdown, a deadlock, too little memory, and tables
 * that somebody is changing. A full disk (53100) waits for somebody who makes room.
 */
const passing = /^(08|40|53(?!100)|57|55P03|42P01|42P07|42701|42703|25P0[34])/;

/**
 * A connection that is opened when it is needed. Any error that is not the fault of the data closes it, so
 * that the next statement opens a new one.
 */
export class PostgresSession {
  readonly #address: DatabaseAddress;
  readonly #requestTimeoutMs: number;
  #client: Client | undefined;
  #isInTransaction = false;

  constructor(address: DatabaseAddress, requestTimeoutMs: number) {
    this.#address = address;
    this.#requestTimeoutMs = requestTimeoutMs;
  }

  /** Rejects with PostgreSQL's error if the data are at fault, and otherwise with an error for the worker. */
  async query<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    try {
      this.#client ??= await this.#connect();
      const { rows } = await this.#client.query<Row>(text, [...values]);
      return rows;
    } catch (error) {
      if (isFaultOfData(error)) throw error;
      this.close();
      throw this.#judged(error);
    }
  }

  /** Commits everything that the work has written, or nothing if it fails. */
  async transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.query('BEGIN');
    this.#isInTransaction = true;
    try {
      const result = await work();
      await this.query('COMMIT');
      return result;
    } catch (error) {
      if (this.#client !== undefined) await this.query('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      this.#isInTransaction = false;
    }
  }

  close(): void {
    this.#client?.end().catch(() => undefined);
    this.#client = undefined;
  }

  async #connect(): Promise<Client> {
    const { host, port, database, user, password, schema, ssl } = this.#address;
    const client = new Client({
      host,
      port,
      database,
      user,
      password: password ?? '',
      ssl: ssl === 'off' ? false : { rejectUnauthorized: ssl === 'verified' },
      application_name: 'millrace-connect',
      connectionTimeoutMillis: Math.min(connectTimeoutMs, this.#requestTimeoutMs),
      query_timeout: this.#requestTimeoutMs,
      statement_timeout: this.#requestTimeoutMs,
      idle_in_transaction_session_timeout: 2 * this.#requestTimeoutMs,
      keepAlive: true,
      ...(schema === undefined ? {} : { options: `-c search_path=${schema}` }),
    });
    client.on('error', () => {
      // Inside a transaction, the next statement has to fail: a new connection would run it on its own.
      if (this.#client === client && !this.#isInTransaction) this.#client = undefined;
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
  }

  #judged(error: unknown): Error {
    const { host, port, database } = this.#address;
    const message = `database ${database} at ${host}:${port}: ${textOf(error)}`;
    const state = sqlStateOf(error);
    if (state === undefined || passing.test(state))
      return new RetriableConnectError(message, { cause: error });
    return new ConnectError(`${message}. ${remedyOf(state)}`, { cause: error });
  }
}

/** If a host has several addresses, Node reports one error for all of them, which has no message itself. */
const textOf = (error: unknown): string =>
  error instanceof AggregateError
    ? error.errors.map((each) => textOf(each)).join('; ')
    : error instanceof Error
      ? error.message
      : String(error);

function remedyOf(state: string): string {
  switch (state) {
    case '28000':
    case '28P01':
      return 'Correct the user and the password of the connector';
    case '3D000':
      return 'Create the database, or correct connection.url';
    case '3F000':
      return 'Create the schema, or correct the format of the table name';
    case '53100':
      return 'The disk of the database is full: make room, then restart the task. No record was skipped';
    case '42501':
      return 'Grant the user of the connector this right, then restart the task';
    case '42P10':
      return (
        'The table has no primary key or unique constraint on the columns of the key: add one, then ' +
        'restart the task'
      );
    default:
      return 'Correct the table or the configuration, then restart the task';
  }
}
