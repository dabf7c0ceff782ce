import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '@millrace/testing/postgres';
import { query } from './service-databases.ts';

describe('a query of the books', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  const sleep = 'SELECT pg_sleep(60)';

  it('rejects with the reason of its signal as soon as that is aborted', async () => {
    const abort = new AbortController();
    const sleeping = query(database.url, sleep, [], { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('stopped')), 200);
    await expect(sleeping).rejects.toThrow('stopped');
    await expect(query(database.url, sleep, [], { signal: abort.signal })).rejects.toThrow('stopped');
  });

  it('ends a statement that takes longer than its bound', async () => {
    await expect(query(database.url, sleep, [], { statementMsMax: 100 })).rejects.toThrow(
      /statement timeout/,
    );
  });
});
