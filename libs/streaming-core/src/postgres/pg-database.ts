import type { Pool, PoolClient } from 'pg';
import { runStatement } from './pg-statement.ts';
import { beginTransaction } from './pipelining.ts';
import { SqlError } from './sql.ts';
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
