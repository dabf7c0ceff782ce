import { CodedError, type errors } from '../runtime/errors.ts';

/**
 * A row as the driver returns it: `bigint` columns are strings (the default of node-postgres),
 * `jsonb` is parsed, and `timestamptz` is a Date.
 */
export type SqlRow = Record<string, unknown>;

export interface SqlResult<Row extends SqlRow = SqlRow> {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

/** Runs statements: a transaction, or a database that runs each in a transaction of its own. */
export interface Queryable {
  query<Row extends SqlRow = SqlRow>(text: string, values?: readonly unknown[]): Promise<SqlResult<Row>>;
}

export type SqlErrorCode = keyof typeof errors.sql;

/**
 * An error that this library raises about a database. Errors of PostgreSQL itself are passed on as
 * the driver reports them.
 */
export class SqlError extends CodedError<SqlErrorCode> {
  override readonly name = 'SqlError';
}
