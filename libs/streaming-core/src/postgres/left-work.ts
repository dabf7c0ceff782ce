import type { SqlTransaction } from './sql.ts';

const left = new WeakMap<SqlTransaction, Set<string>>();
const nothing: ReadonlySet<string> = new Set();

/**
 * Notes that a transaction leaves work for the named worker, which is woken after the commit. It is
 * a hint, and nothing depends on it.
 */
export function leaveWork(transaction: SqlTransaction, worker: string): void {
  const workers = left.get(transaction) ?? new Set();
  workers.add(worker);
  left.set(transaction, workers);
}

/** The names of the workers that a transaction has left work for. */
export const workLeftBy = (transaction: SqlTransaction): ReadonlySet<string> =>
  left.get(transaction) ?? nothing;
