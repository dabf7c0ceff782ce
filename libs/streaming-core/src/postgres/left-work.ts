import type { SqlTransaction } from './sql.ts';

const left = new WeakMap<SqlTransaction, Set<string>>();
const nothing: ReadonlySet<string> = new Set();

/** Notes that a transaction leaves work for a worker, which is told by name once it has committed: a hint, nothing depends on it. */
export function leaveWork(transaction: SqlTransaction, worker: string): void {
  const workers = left.get(transaction) ?? new Set();
  workers.add(worker);
  left.set(transaction, workers);
}

/** The workers that a transaction has left work for. */
export const workLeftBy = (transaction: SqlTransaction): ReadonlySet<string> =>
  left.get(transaction) ?? nothing;
