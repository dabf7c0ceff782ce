import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { serialQueue } from '../runtime/index.ts';
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
  try {
    const ask = client.pipeline ? client.query.bind(client) : queriesOneByOne(client);
    const result = await work({
      query: async <Row extends SqlRow>(text: string, values: readonly unknown[] = []) =>
        toResult<Row>((await ask(text, [...values])) as { rows: Row[]; rowCount: number | null }),
    });
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw swallowedError();
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined); // report the first error rather than a failed rollback
    throw error;
  }
}

/** Sends each statement after the answer to the previous one, for a client that cannot pipeline. */
function queriesOneByOne(client: PoolClient): (text: string, values: unknown[]) => Promise<unknown> {
  const inTurn = serialQueue();
  return (text, values) => inTurn(() => client.query(text, values));
}

/**
 * PostgreSQL answers COMMIT with ROLLBACK, without an error, if a statement of the transaction has
 * failed.
 */
const swallowedError = (): SqlError =>
  new SqlError(
    'rolled_back',
    'the transaction was rolled back, because a statement in it failed and the error was swallowed; ' +
      'let the work reject with that error',
  );

const toResult = <Row extends SqlRow>(result: { rows: Row[]; rowCount: number | null }): SqlResult<Row> => ({
  rows: result.rows,
  rowCount: result.rowCount ?? 0,
});

/** An error without an SQLSTATE comes from the connection, which must not go back to the pool. */
const isConnectionLoss = (error: unknown): error is Error =>
  error instanceof Error &&
  !(error instanceof SqlError) &&
  !('code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code));
