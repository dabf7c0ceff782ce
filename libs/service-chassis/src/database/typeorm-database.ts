import type { SqlDatabase, SqlResult, SqlRow, SqlTransaction } from '@millrace/streaming-core/postgres';
import type { PoolClient, QueryResultRow } from 'pg';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

const managers = new WeakMap<SqlTransaction, EntityManager>();

/** The entity manager that shares a transaction's connection: what it writes commits or rolls back with everything else in it. */
export function entityManagerOf(transaction: SqlTransaction): EntityManager {
  const manager = managers.get(transaction);
  if (manager === undefined) throw new TypeError('this transaction was not opened by the service database: inject DATABASE');
  return manager;
}

/**
 * The port over TypeORM: raw statements go straight to the driver's client, entities through the manager of the same QueryRunner.
 * `onCommit` runs after each commit: it is how the relay learns that there may be something to publish.
 */
export function typeOrmDatabase(dataSource: DataSource, { onCommit }: { onCommit?: () => void } = {}): SqlDatabase {
  return {
    query: (text, values = []) => withRunner(dataSource, async (_runner, client) => runStatement(client, text, values)),
    transaction: async (work) => {
      const result = await withRunner(dataSource, (runner, client) => inTransaction(runner, client, work));
      onCommit?.();
      return result;
    },
  };
}

async function withRunner<Result>(
  dataSource: DataSource,
  work: (runner: QueryRunner, client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const runner = dataSource.createQueryRunner();
  try {
    return await work(runner, (await runner.connect()) as PoolClient);
  } finally {
    await runner.release();
  }
}

async function inTransaction<Result>(
  runner: QueryRunner,
  client: PoolClient,
  work: (transaction: SqlTransaction) => Promise<Result>,
): Promise<Result> {
  await runner.startTransaction(); // not a raw BEGIN: the entity manager must know that it need not open one of its own
  const transaction: SqlTransaction = { query: (text, values = []) => runStatement(client, text, values) };
  managers.set(transaction, runner.manager);
  try {
    const result = await work(transaction);
    await runner.commitTransaction();
    return result;
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined); // the first error says more than a failed rollback
    throw error;
  } finally {
    managers.delete(transaction);
  }
}

async function runStatement<Row extends SqlRow>(client: PoolClient, text: string, values: readonly unknown[]): Promise<SqlResult<Row>> {
  const { rows, rowCount } = await client.query<Row & QueryResultRow>(text, [...values]);
  return { rows, rowCount: rowCount ?? 0 };
}
