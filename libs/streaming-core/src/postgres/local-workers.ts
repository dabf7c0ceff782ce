import type { SqlDatabase, SqlTransaction } from './sql.ts';

/** Finds a running worker of this process by its name. */
export type FindWorker = (worker: string) => object | undefined;

const finders = new WeakMap<SqlTransaction, FindWorker>();

/**
 * Wraps a database so that its transactions can hand work directly to workers of this process,
 * which then do not have to look for it in the database.
 */
export const withLocalWorkers = (database: SqlDatabase, find: FindWorker): SqlDatabase => ({
  query: (text, values) => database.query(text, values),
  transaction: (work) =>
    database.transaction((transaction) => {
      finders.set(transaction, find);
      return work(transaction);
    }),
});

/** Returns the worker if it runs in this process and can take work from the transaction. */
export const localWorker = (transaction: SqlTransaction, worker: string): object | undefined =>
  finders.get(transaction)?.(worker);
