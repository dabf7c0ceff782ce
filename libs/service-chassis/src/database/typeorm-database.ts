import type { Writable } from 'node:stream';
import {
  takesLong,
  untilCommitted,
  workLeftBy,
  type SqlDatabase,
  type SqlResult,
  type SqlRow,
  type SqlTransaction,
  type TransactionConnection,
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

/**
 * Returns the entity manager on the transaction's connection. What it writes commits or rolls back
 * with everything else in the transaction.
 */
export function entityManagerOf(transaction: SqlTransaction): EntityManager {
  const manager = managers.get(transaction);
  if (manager === undefined)
    throw new TypeError(
      'the service database did not open this transaction: inject DATABASE and use its transactions',
    );
  return manager;
}

/**
 * The database port over TypeORM. Raw statements go straight to the driver's client, entities
 * through the manager of the same QueryRunner. `onCommit` runs after each commit, with the workers
 * that the transaction has left work for.
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
  work: (transaction: SqlTransaction) => Promise<Result>,
): Promise<Result> {
  const begun = begin(runner, client);
  const connection: TransactionConnection = {
    query: (text, values) => runStatement(client, text, values),
    async end(statement) {
      leaveTogether(client);
      const { command } = await client.query(statement);
      if (statement === 'COMMIT') await begun;
      return command;
    },
  };
  try {
    return await untilCommitted(connection, async (transaction) => {
      managers.set(transaction, runner.manager);
      try {
        return await work(transaction);
      } finally {
        managers.delete(transaction);
      }
    });
  } catch (error) {
    throw asLostConnection(error);
  } finally {
    Object.assign(runner, { isTransactionActive: false, transactionDepth: 0 });
  }
}

/**
 * Sends BEGIN together with the first statement, since the client pipelines. Only a lost connection
 * makes BEGIN fail, and then the statements after it fail as well. The runner is marked as being in
 * a transaction, so that the entity manager does not open another one.
 */
function begin(runner: QueryRunner, client: PoolClient): Promise<unknown> {
  Object.assign(runner, { isTransactionActive: true, transactionDepth: 1 });
  leaveTogether(client);
  const begun = client.query('BEGIN');
  begun.catch(() => undefined); // the first statement reports it
  return begun;
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

/** The longest timeout of a timer. With 0, the driver would use the timeout of the connection. */
const noTimeoutMs = 2 ** 31 - 1;

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
    ...(takesLong(text) && { query_timeout: noTimeoutMs }),
  });
  return { rows, rowCount: rowCount ?? 0 };
}

const held = new WeakSet<Writable>();

/**
 * Sends all statements that a connection gets in one turn of the event loop with a single write to
 * its socket. If each needed a system call, that would be the largest cost of small statements.
 */
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
 * Names a statement, so that each connection parses and plans it once. Beyond the limit, statements
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
