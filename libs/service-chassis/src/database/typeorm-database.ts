import {
  beginTransaction,
  runStatement,
  SqlTransaction,
  type FindWorker,
  type SqlDatabase,
  type TransactionState,
} from '@millrace/streaming-core/postgres';
import type { Pool, PoolClient } from 'pg';
import {
  QueryRunnerAlreadyReleasedError,
  type DataSource,
  type EntityManager,
  type QueryRunner,
} from 'typeorm';
import type { CommitListener } from './commits.ts';

const typeOrm: TransactionState<{ manager?: EntityManager }> = { create: () => ({}) };

/**
 * Returns the entity manager on the transaction's connection. What it writes commits or rolls back
 * with everything else in the transaction.
 */
export function entityManagerOf(transaction: SqlTransaction): EntityManager {
  const { manager } = transaction.state(typeOrm);
  if (manager === undefined)
    throw new TypeError(
      'the service database did not open this transaction: inject DATABASE and use its transactions',
    );
  return manager;
}

/**
 * The database port over TypeORM. Raw statements go straight to the driver's client, entities
 * through the manager of the same QueryRunner. Transactions find the workers of this process with
 * `findWorker`. `onCommit` runs after each commit, with the workers that the transaction wants woken.
 */
export function typeOrmDatabase(
  dataSource: DataSource,
  { onCommit, findWorker }: { onCommit?: CommitListener; findWorker?: FindWorker } = {},
): SqlDatabase {
  return {
    query: (text, values = []) => runStatement(poolOf(dataSource), { text, values, prepared: true }),
    transaction: async (work) => {
      let workersToWake: ReadonlySet<string> = new Set();
      const result = await withRunner(dataSource, (runner, client) =>
        inTransaction(runner, client, findWorker, (transaction) => {
          ({ workersToWake } = transaction);
          return work(transaction);
        }),
      );
      onCommit?.(workersToWake);
      return result;
    },
  };
}

/** Returns TypeORM's own pool: a single statement needs no QueryRunner. */
const poolOf = (dataSource: DataSource): Pool =>
  (dataSource.driver as unknown as { readonly master: Pool }).master;

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
  findWorker: FindWorker | undefined,
  work: (transaction: SqlTransaction) => Promise<Result>,
): Promise<Result> {
  // So that the entity manager does not open another transaction.
  Object.assign(runner, { isTransactionActive: true, transactionDepth: 1 });
  const connection = await beginTransaction(client, (text, values) =>
    runStatement(client, { text, values, prepared: true }),
  );
  const transaction = SqlTransaction.on(connection, findWorker);
  const state = transaction.state(typeOrm);
  state.manager = runner.manager;
  try {
    return await transaction.commitAfter(work);
  } catch (error) {
    throw asLostConnection(error);
  } finally {
    delete state.manager;
    Object.assign(runner, { isTransactionActive: false, transactionDepth: 0 });
  }
}

/**
 * When a connection is lost between two statements, the runner closes and the entity manager
 * reports only that. The driver's wording lets callers recognise a lost connection, which is a
 * temporary failure.
 */
const asLostConnection = (error: unknown): unknown =>
  error instanceof QueryRunnerAlreadyReleasedError
    ? new Error('Connection terminated before an entity was requested', { cause: error })
    : error;
