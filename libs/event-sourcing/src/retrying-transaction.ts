import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import { WrongExpectedVersionError } from './errors.ts';

export interface RetryOptions {
  /** The number of attempts, including the first. */
  readonly attemptsMax?: number;
}

/**
 * The SQLSTATEs of serialization_failure and deadlock_detected, after which PostgreSQL expects a
 * retry.
 */
const conflictStates: readonly unknown[] = ['40001', '40P01'];

/**
 * Tells whether the same work may succeed in a new transaction, because only another transaction's
 * write made it fail.
 */
export const isConflict = (error: unknown): boolean =>
  error instanceof WrongExpectedVersionError ||
  (error instanceof Error && 'code' in error && conflictStates.includes(error.code));

/**
 * Runs `work` in a transaction, and in a new one for as long as it meets conflicts. It does not
 * pause in between, since the winner of a conflict has already committed. `work` may run several
 * times, so it must have no effect outside its transaction. Rejects with the last error.
 */
export async function retryingTransaction<Result>(
  database: SqlDatabase,
  work: (transaction: SqlTransaction, attempt: number) => Promise<Result>,
  { attemptsMax = 5 }: RetryOptions = {},
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await database.transaction((transaction) => work(transaction, attempt));
    } catch (error) {
      if (attempt >= attemptsMax || !isConflict(error)) throw error;
    }
  }
}
