import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, transactionsSentDuring, type TestDatabase } from '@millrace/testing/postgres';
import { isPipelining } from './pipelining.ts';
import type { CollectedWrite } from './transaction.ts';
import { within } from '@millrace/testing/within';

describe('the SQL port over node-postgres', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.sql.query('CREATE TABLE note (text text)');
  });
  afterAll(() => database.drop());

  it('commits what a transaction wrote when the work resolves', async () => {
    await database.sql.transaction((transaction) =>
      transaction.query('INSERT INTO note VALUES ($1)', ['kept']),
    );

    expect((await database.sql.query('SELECT text FROM note')).rows).toEqual([{ text: 'kept' }]);
  });

  it('rolls back and rejects with the same error when the work rejects', async () => {
    const failure = new Error('no');

    await expect(
      database.sql.transaction(async (transaction) => {
        await transaction.query('INSERT INTO note VALUES ($1)', ['lost']);
        throw failure;
      }),
    ).rejects.toBe(failure);

    expect((await database.sql.query("SELECT text FROM note WHERE text = 'lost'")).rowCount).toBe(0);
  });

  it('rejects when a statement failed and the work swallowed its error, which PostgreSQL silently rolls back', async () => {
    await expect(
      database.sql.transaction(async (transaction) => {
        await transaction.query('INSERT INTO note VALUES ($1)', ['unsaid']);
        await transaction.query('SELECT 1/0').catch(() => undefined);
      }),
    ).rejects.toMatchObject({ name: 'SqlError', code: 'rolled_back' });
  });

  it('M48 rolls everything back if a statement that was sent together with COMMIT fails', async () => {
    const notes: CollectedWrite<string> = {
      rank: 1,
      write: async (transaction, texts) => ({
        answers: transaction.query('INSERT INTO note SELECT unnest($1::text[])', [texts]),
      }),
    };
    const division: CollectedWrite<number> = {
      rank: 2,
      write: async (transaction) => ({ answers: transaction.query('SELECT 1/0') }),
    };
    const failed = database.sql.transaction((transaction) =>
      transaction.lastUnitOfWork(async () => {
        await transaction.collect(notes, ['together']);
        await transaction.collect(division, [1]);
      }),
    );

    await expect(failed).rejects.toThrow('division by zero');
    expect((await database.sql.query("SELECT text FROM note WHERE text = 'together'")).rowCount).toBe(0);
  });

  it('takes one round trip for a last unit of work with one statement, since BEGIN and COMMIT travel with it', async () => {
    const write = (text: string) =>
      database.sql.transaction((transaction) =>
        transaction.lastUnitOfWork(() =>
          transaction.collect(
            {
              rank: 1,
              write: async (inIt, texts: readonly string[]) => ({
                answers: inIt.query('INSERT INTO note SELECT unnest($1::text[])', [texts]),
              }),
            },
            [text],
          ),
        ),
      );
    const sent = await transactionsSentDuring(() => write('at once'));

    expect(sent.map(({ roundTrips }) => roundTrips)).toEqual([isPipelining ? 1 : 3]);
  });

  it('prepares a statement with parameters once on a connection, and runs a text of several without any', async () => {
    const names = await database.sql.transaction(async (transaction) => {
      const select = 'SELECT $1::text AS text, 17 AS number';
      await transaction.query(select, ['one']);
      expect((await transaction.query(select, ['two'])).rows).toEqual([{ text: 'two', number: 17 }]);
      await transaction.query('SELECT 1; SELECT 2');
      return (await transaction.query('SELECT FROM pg_prepared_statements WHERE statement = $1', [select]))
        .rowCount;
    });

    expect(names).toBe(1);
  });

  it('survives the loss of its connection in a transaction, even between two statements, and continues on another one', async () => {
    const lost = database.sql.transaction(async (transaction) => {
      const { rows } = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.sql.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
      const ofIt = () => database.sql.query('SELECT 1 FROM pg_stat_activity WHERE pid = $1', [rows[0]?.pid]);
      await within(20_000)(async () => (await ofIt()).rowCount === 0, 'the end of its connection');
      await transaction.query('INSERT INTO note VALUES ($1)', ['after the end']);
    });

    await expect(lost).rejects.toThrow();
    await database.sql.transaction((transaction) =>
      transaction.query('INSERT INTO note VALUES ($1)', ['on another']),
    );
    expect((await database.sql.query("SELECT text FROM note WHERE text LIKE '%n%o%t%h%er'")).rows).toEqual([
      { text: 'on another' },
    ]);
  });
});
