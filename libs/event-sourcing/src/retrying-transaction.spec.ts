import { describe, expect, it } from '@jest/globals';
import { type SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import { WrongExpectedVersionError } from './errors.ts';
import { retryingTransaction } from './retrying-transaction.ts';

const conflict = () => new WrongExpectedVersionError({ stream: 's', expected: 1n, actual: 2n });
const sqlError = (code: string) => Object.assign(new Error(code), { code });

/** Fails with the given errors, then succeeds. */
const failing = (...errors: Error[]) => {
  const attempts: number[] = [];
  const work = (_: unknown, attempt: number) => {
    attempts.push(attempt);
    const error = errors.shift();
    return error === undefined ? Promise.resolve('done') : Promise.reject(error);
  };
  return { attempts, work };
};
const database: SqlDatabase = {
  query: () => Promise.reject(new Error('unused')),
  transaction: (work) =>
    work(
      SqlTransaction.on({
        query: () => Promise.reject(new Error('unused')),
        end: () => Promise.reject(new Error('unused')),
      }),
    ),
};

describe('a transaction that is retried', () => {
  it('begins again after a wrong version, a deadlock and a serialization failure', async () => {
    const { attempts, work } = failing(conflict(), sqlError('40P01'), sqlError('40001'));

    expect(await retryingTransaction(database, work)).toBe('done');
    expect(attempts).toEqual([1, 2, 3, 4]);
  });

  it('gives up after the last attempt and rejects with its error', async () => {
    const last = conflict();
    const { attempts, work } = failing(conflict(), last, conflict());

    await expect(retryingTransaction(database, work, { attemptsMax: 2 })).rejects.toBe(last);
    expect(attempts).toEqual([1, 2]);
  });

  it('does not repeat work that would fail again', async () => {
    const { attempts, work } = failing(sqlError('23505'));

    await expect(retryingTransaction(database, work)).rejects.toMatchObject({ code: '23505' });
    expect(attempts).toEqual([1]);
  });
});
