import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { serialQueue } from '../runtime/index.ts';
import { untilCommitted, type TransactionConnection } from './open-transaction.ts';
import { SqlError } from './sql-error.ts';
import type { SqlDatabase, SqlResult, SqlRow, SqlTransaction } from './sql.ts';

/**
 * Implements the SQL port with node-postgres, for the setup step, read databases, the stack and
 * tests. A service uses its own database through TypeORM (`libs/service-chassis`).
 */
export function pgDatabase(pool: Pool): SqlDatabase {
  return {
    query: async <Row extends SqlRow>(text: string, values: readonly unknown[] = []) =>
      toResult<Row>(await pool.query<Row & QueryResultRow>(text, [...values])),
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
  await client.query('BEGIN');
  const ask = client.pipeline ? client.query.bind(client) : queriesOneByOne(client);
  const connection: TransactionConnection = {
    query: async <Row extends SqlRow>(text: string, values: unknown[]) =>
      toResult<Row>((await ask(text, values)) as { rows: Row[]; rowCount: number | null }),
    end: async (statement) => ((await ask(statement)) as { command: string }).command,
  };
  return untilCommitted(connection, work);
}

/** Sends each statement after the answer to the previous one, for a client that cannot pipeline. */
function queriesOneByOne(client: PoolClient): (text: string, values?: unknown[]) => Promise<unknown> {
  const inTurn = serialQueue();
  return (text, values) => inTurn(() => client.query(text, values));
}

const toResult = <Row extends SqlRow>(result: { rows: Row[]; rowCount: number | null }): SqlResult<Row> => ({
  rows: result.rows,
  rowCount: result.rowCount ?? 0,
});

/** An error without an SQLSTATE comes from the connection, which must not go back to the pool. */
const isConnectionLoss = (error: unknown): error is Error =>
  error instanceof Error &&
  !(error instanceof SqlError) &&
  !('code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code));
