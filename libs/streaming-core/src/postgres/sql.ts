/** A row as the driver gives it: `bigint` columns are strings (node-postgres' default), `jsonb` is parsed, `timestamptz` is a Date. */
export type SqlRow = Record<string, unknown>;

export interface SqlResult<Row extends SqlRow = SqlRow> {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

/**
 * One open transaction on one connection. Append, inbox, outbox, offsets and an app's own entities all write through it, so
 * that they commit together. Statements run in the order of the calls.
 */
export interface SqlTransaction {
  query<Row extends SqlRow = SqlRow>(text: string, values?: readonly unknown[]): Promise<SqlResult<Row>>;
}

/** A database that opens transactions; `query` alone runs one statement in a transaction of its own. */
export interface SqlDatabase extends SqlTransaction {
  /** Commits when `work` resolves, rolls back when it rejects, and rethrows its error. READ COMMITTED; `transaction_timeout` bounds it. */
  transaction<Result>(work: (transaction: SqlTransaction) => Promise<Result>): Promise<Result>;
}
