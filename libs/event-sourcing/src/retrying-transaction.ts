import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import { WrongExpectedVersionError } from './errors.ts';

export interface RetryOptions {
  /** Transactions begun in all, the first included. */
  readonly attemptsMax?: number;
}

/** serialization_failure, deadlock_detected: PostgreSQL asks for the transaction again. */
const conflictStates: readonly unknown[] = ['40001', '40P01'];

/** Whether the same work may succeed in a new transaction, because only somebody else's write stood in its way. */
export const isConflict = (error: unknown): boolean =>
  error instanceof WrongExpectedVersionError ||
  (error instanceof Error && 'code' in error && conflictStates.includes(error.code));

/**
 * Runs `work` in a transaction, and in a new one as long as it meets conflicts, without a pause: whoever won has committed by then.
 * `work` runs more than once, so its effects are its transaction only. Rejects with the last error.
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
