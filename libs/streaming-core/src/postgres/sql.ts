/**
 * A row as the driver returns it: `bigint` columns are strings (the default of node-postgres),
 * `jsonb` is parsed, and `timestamptz` is a Date.
 */
export type SqlRow = Record<string, unknown>;

export interface SqlResult<Row extends SqlRow = SqlRow> {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

/**
 * One open transaction on one connection. Events, inbox, outbox, offsets and an app's own entities
 * are all written through it, so that they commit together. Statements run in the order of the
 * calls.
 */
export interface SqlTransaction {
  query<Row extends SqlRow = SqlRow>(text: string, values?: readonly unknown[]): Promise<SqlResult<Row>>;
}

/** A database that opens transactions. Its `query` runs one statement in its own transaction. */
export interface SqlDatabase extends SqlTransaction {
  /**
   * Commits when `work` resolves. When it rejects, rolls back and rejects with its error. The
   * isolation level is READ COMMITTED, and `transaction_timeout` limits the duration.
   */
  transaction<Result>(work: (transaction: SqlTransaction) => Promise<Result>): Promise<Result>;
}
