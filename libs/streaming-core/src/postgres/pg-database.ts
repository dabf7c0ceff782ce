import type { Pool, PoolClient } from 'pg';
import { serialQueue } from '../runtime/index.ts';
import { untilCommitted, type TransactionConnection } from './open-transaction.ts';
import { runStatement } from './pg-statement.ts';
import { beginPipelined } from './pipelined-transaction.ts';
import { SqlError } from './sql-error.ts';
import type { SqlDatabase, SqlRow, SqlTransaction } from './sql.ts';

/**
 * Implements the SQL port with node-postgres, for the setup step, read databases, the stack and
 * tests. A service uses its own database through TypeORM (`libs/service-chassis`). A connection
 * prepares a statement with parameters once. Give the pool `pipeline: true`: BEGIN and COMMIT then
 * cost no round trips.
 */
export function pgDatabase(pool: Pool): SqlDatabase {
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
        return await inTransaction(client, work);
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
  work: (transaction: SqlTransaction) => Promise<Result>,
): Promise<Result> {
  const query: TransactionConnection['query'] = (text, values) =>
    runStatement(client, { text, values, prepared: values.length > 0 });
  const connection = client.pipeline ? beginPipelined(client, query) : await beginInTurn(client, query);
  return untilCommitted(connection, work);
}

/** For a client that cannot pipeline, sends each statement after the answer to the previous one. */
async function beginInTurn(
  client: PoolClient,
  query: TransactionConnection['query'],
): Promise<TransactionConnection> {
  await client.query('BEGIN');
  const inTurn = serialQueue();
  return {
    query: <Row extends SqlRow>(text: string, values: unknown[]) => inTurn(() => query<Row>(text, values)),
    end: (statement) => inTurn(async () => (await client.query(statement)).command),
  };
}

/** An error without an SQLSTATE comes from the connection, which must not go back to the pool. */
const isConnectionLoss = (error: unknown): error is Error =>
  error instanceof Error &&
  !(error instanceof SqlError) &&
  !('code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code));
