import type { Writable } from 'node:stream';
import {
  SqlError,
  workLeftBy,
  type SqlDatabase,
  type SqlResult,
  type SqlRow,
  type SqlTransaction,
} from '@millrace/streaming-core/postgres';
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import {
  QueryRunnerAlreadyReleasedError,
  type DataSource,
  type EntityManager,
  type QueryRunner,
} from 'typeorm';
import type { CommitListener } from './commits.ts';

const managers = new WeakMap<SqlTransaction, EntityManager>();

/** The entity manager that shares a transaction's connection: what it writes commits or rolls back with everything else in it. */
export function entityManagerOf(transaction: SqlTransaction): EntityManager {
  const manager = managers.get(transaction);
  if (manager === undefined)
    throw new TypeError('this transaction was not opened by the service database: inject DATABASE');
  return manager;
}

/**
 * The port over TypeORM: raw statements go straight to the driver's client, entities through the manager of the same QueryRunner.
 * `onCommit` runs after each commit, with the workers that the transaction has left work for.
 */
export function typeOrmDatabase(
  dataSource: DataSource,
  { onCommit }: { onCommit?: CommitListener } = {},
): SqlDatabase {
  return {
    query: (text, values = []) => runStatement(poolOf(dataSource), text, values),
    transaction: async (work) => {
      const { result, left } = await withRunner(dataSource, (runner, client) =>
        inTransaction(runner, client, async (transaction) => ({
          result: await work(transaction),
          left: workLeftBy(transaction),
        })),
      );
      onCommit?.(left);
      return result;
    },
  };
}

/** TypeORM's own pool: one statement needs no QueryRunner around it. */
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
  work: (transaction: SqlTransaction) => Promise<Result>,
): Promise<Result> {
  const begun = begin(runner, client);
  const transaction: SqlTransaction = { query: (text, values = []) => runStatement(client, text, values) };
  managers.set(transaction, runner.manager);
  try {
    const result = await work(transaction);
    await begun;
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw swallowedError();
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined); // the first error says more than a failed rollback
    throw asLostConnection(error);
  } finally {
    managers.delete(transaction);
    Object.assign(runner, { isTransactionActive: false, transactionDepth: 0 });
  }
}

/**
 * BEGIN leaves together with the first statement: the client pipelines. What follows fails with it, since only a lost connection makes BEGIN
 * fail. The runner is told, so that the entity manager does not open a transaction of its own.
 */
function begin(runner: QueryRunner, client: PoolClient): Promise<unknown> {
  Object.assign(runner, { isTransactionActive: true, transactionDepth: 1 });
  leaveTogether(client);
  const begun = client.query('BEGIN');
  begun.catch(() => undefined); // the first statement tells
  return begun;
}

/**
 * A connection that is lost between two statements closes the runner, and the entity manager complains of that alone. In the driver's words
 * it is known as what it is: nobody's fault, and passing.
 */
const asLostConnection = (error: unknown): unknown =>
  error instanceof QueryRunnerAlreadyReleasedError
    ? new Error('Connection terminated before an entity was asked for', { cause: error })
    : error;

/** PostgreSQL answers COMMIT with ROLLBACK, and no error, when a statement of the transaction had failed. */
const swallowedError = (): SqlError =>
  new SqlError(
    'rolled_back',
    'the transaction was rolled back, because a statement in it failed and the error was swallowed; let the work reject with that error',
  );

async function runStatement<Row extends SqlRow>(
  client: Pool | PoolClient,
  text: string,
  values: readonly unknown[],
): Promise<SqlResult<Row>> {
  if ('connection' in client) leaveTogether(client);
  const { rows, rowCount } = await client.query<Row & QueryResultRow>({
    name: statementName(text),
    text,
    values: [...values],
  });
  return { rows, rowCount: rowCount ?? 0 };
}

const held = new WeakSet<Writable>();

/** What is asked of a connection in one turn of the event loop is one write to its socket: a system call each is what small statements cost most. */
function leaveTogether(client: PoolClient): void {
  const { stream } = (client as unknown as { readonly connection: { readonly stream: Writable } }).connection;
  if (held.has(stream)) return;
  held.add(stream);
  stream.cork();
  process.nextTick(() => {
    held.delete(stream);
    stream.uncork();
  });
}

const names = new Map<string, string>();
const namesMax = 500;

/**
 * A statement that stands in the code is parsed and planned once per connection: it has a name. Undefined, so prepared anew each time,
 * beyond the limit: then somebody builds statements from values.
 */
function statementName(text: string): string | undefined {
  const known = names.get(text);
  if (known !== undefined || names.size >= namesMax) return known;
  const name = `s${names.size}`;
  names.set(text, name);
  return name;
}
