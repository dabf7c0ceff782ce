import pg from 'pg';
import { SqlError } from './sql-error.ts';
import type { SqlResult, SqlRow, SqlTransaction } from './sql.ts';

/** The connection of one transaction, whose BEGIN has been sent. */
export interface TransactionConnection {
  query<Row extends SqlRow>(text: string, values: unknown[]): Promise<SqlResult<Row>>;
  /** Ends the transaction and resolves to PostgreSQL's answer, such as `COMMIT`. */
  end(statement: 'COMMIT' | 'ROLLBACK'): Promise<string>;
}

const earlyCommits = new WeakMap<SqlTransaction, () => void>();

/**
 * Sends COMMIT behind the statements that are in flight. If one of them fails, PostgreSQL rolls
 * back instead. No other statement of the transaction may follow. Does nothing in a transaction
 * that is kept open (`keepOpen`).
 */
export const commitEarly = (transaction: SqlTransaction): void => earlyCommits.get(transaction)?.();

type EndListener = (committed: boolean, error?: unknown) => void;

const endings = new WeakMap<SqlTransaction, EndListener[]>();

/**
 * Calls `listener` once the transaction has ended: with true after an acknowledged commit, and
 * otherwise with false and the error. Returns false if the end of the transaction cannot be observed.
 */
export function onEnd(transaction: SqlTransaction, listener: EndListener): boolean {
  const listeners = endings.get(transaction);
  listeners?.push(listener);
  return listeners !== undefined;
}

/**
 * Turns `commitEarly` off, for a transaction whose owner sends more statements later. Returns a
 * function with which the owner sends COMMIT behind its last statement.
 */
export function keepOpen(transaction: SqlTransaction): () => void {
  const commit = earlyCommits.get(transaction);
  earlyCommits.delete(transaction);
  return () => commit?.();
}

/** Commits when `work` resolves, unless `commitEarly` has done so. Rolls back when it rejects. */
export async function untilCommitted<Result>(
  connection: TransactionConnection,
  work: (transaction: SqlTransaction) => Promise<Result>,
): Promise<Result> {
  let committing: Promise<string> | undefined;
  let unsent = false;
  const transaction: SqlTransaction = {
    query: async (text, values = []) => {
      if (committing !== undefined) throw new TypeError(`the transaction has already ended: ${text}`);
      let parameters: unknown[];
      try {
        parameters = values.map((value) => toParameter(value));
      } catch (error) {
        unsent = true;
        throw error;
      }
      return connection.query(text, parameters);
    },
  };
  earlyCommits.set(transaction, () => {
    // PostgreSQL has not seen a statement that could not be sent, so it would commit the others.
    if (unsent || committing !== undefined) return;
    committing = connection.end('COMMIT');
    committing.catch(() => undefined); // reported below
  });
  const listeners: EndListener[] = [];
  endings.set(transaction, listeners);
  let committed = false;
  let failure: unknown;
  try {
    const result = await work(transaction);
    const answer = await (committing ?? connection.end('COMMIT'));
    if (answer !== 'COMMIT') throw swallowedError();
    committed = true;
    return result;
  } catch (error) {
    failure = error;
    // the first error says more than a failed rollback
    await (committing ?? connection.end('ROLLBACK')).catch(() => undefined);
    throw error;
  } finally {
    earlyCommits.delete(transaction);
    for (const listener of listeners) listener(committed, failure);
  }
}

/**
 * Converts a value as the driver does. The driver would do it too late: it has sent a part of the
 * statement by then.
 */
const { prepareValue: toParameter } = (
  pg as unknown as { readonly utils: { readonly prepareValue: (value: unknown) => unknown } }
).utils;

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
