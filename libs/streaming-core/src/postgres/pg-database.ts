import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { beginTransaction, sendInOneWrite } from './pipelining.ts';
import { SqlError, type SqlResult, type SqlRow } from './sql.ts';
import {
  SqlTransaction,
  type FindWorker,
  type SqlDatabase,
  type TransactionConnection,
} from './transaction.ts';

/**
 * Implements the SQL port with node-postgres, for the setup step, read databases, the stack and
 * tests. A service uses its own database through TypeORM (`libs/service-chassis`). A connection
 * prepares a statement with parameters once. Give the pool `pipeline: true`: BEGIN and COMMIT then
 * cost no round trips. Transactions find the workers of this process with `findWorker`.
 */
export function pgDatabase(pool: Pool, findWorker?: FindWorker): SqlDatabase {
  return {
    query: (text, values = []) => runStatement(pool, { text, values, prepared: values.length > 0 }),
    async transaction(work) {
      const client = await pool.connect();
      let broken: Error | undefined;
      // The pool listens to idle clients only. Without this listener, a connection that is lost
      // between two statements would end the process.
      const onError = (error: Error) => (broken = error);
      client.on('error', onError);
      try {
        return await inTransaction(client, findWorker, work);
      } catch (error) {
        if (isConnectionLoss(error)) broken = error;
        throw error;
      } finally {
        client.removeListener('error', onError);
        client.release(broken);
      }
    },
  };
}

async function inTransaction<Result>(
  client: PoolClient,
  findWorker: FindWorker | undefined,
  work: (transaction: SqlTransaction) => Promise<Result>,
): Promise<Result> {
  const query: TransactionConnection['query'] = (text, values) =>
    runStatement(client, { text, values, prepared: values.length > 0 });
  return SqlTransaction.on(await beginTransaction(client, query), findWorker).commitAfter(work);
}

/** An error without an SQLSTATE comes from the connection, which must not go back to the pool. */
const isConnectionLoss = (error: unknown): error is Error =>
  error instanceof Error &&
  !(error instanceof SqlError) &&
  !('code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code));

const longStatements = new Set<string>();

/**
 * Declares a statement that lifts `transaction_timeout` and may take minutes, so that a driver does
 * not mistake its silence for a lost connection. Returns the statement.
 */
export function mayTakeLong(text: string): string {
  longStatements.add(text);
  return text;
}

/** The longest timeout of a timer. With 0, the driver would use the timeout of the connection. */
const noTimeoutMs = 2 ** 31 - 1;

export interface PgStatement {
  readonly text: string;
  readonly values: readonly unknown[];
  /**
   * Whether each connection parses and plans the statement only once. Must be false for a text of
   * several statements.
   */
  readonly prepared: boolean;
}

/** Runs a statement on this connection, or on any connection of the pool. */
export async function runStatement<Row extends SqlRow>(
  client: Pool | PoolClient,
  { text, values, prepared }: PgStatement,
): Promise<SqlResult<Row>> {
  if ('connection' in client) sendInOneWrite(client);
  const { rows, rowCount } = await client.query<Row & QueryResultRow>({
    name: prepared ? statementName(text) : undefined,
    text,
    values: [...values],
    ...(longStatements.has(text) && { query_timeout: noTimeoutMs }),
  });
  return { rows, rowCount: rowCount ?? 0 };
}

const names = new Map<string, string>();
const namesMax = 500;

/**
 * Names a statement, by which the driver finds it on each connection. Beyond the limit, statements
 * get no name and are prepared each time: that many different texts mean that some code builds
 * statements from values.
 */
function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= namesMax) return known;
  const name = `s${names.size}`;
  names.set(text, name);
  return name;
}
