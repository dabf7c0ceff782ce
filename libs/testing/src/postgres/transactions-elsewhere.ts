import { createTestDatabase } from './test-database.ts';

/**
 * Runs `work` while another database of the server has two transactions with ids: one is open, one
 * is prepared.
 */
export async function withTransactionsElsewhere<Result>(work: () => Promise<Result>): Promise<Result> {
  const other = await createTestDatabase();
  const prepared = `prepared in ${other.name}`;
  const [open, preparing] = await Promise.all([other.pool.connect(), other.pool.connect()]);
  try {
    for (const client of [open, preparing])
      for (const statement of ['BEGIN', 'SELECT pg_current_xact_id()']) await client.query(statement);
    await preparing.query(`PREPARE TRANSACTION '${prepared}'`);
    try {
      return await work();
    } finally {
      await preparing.query(`ROLLBACK PREPARED '${prepared}'`);
    }
  } finally {
    for (const client of [open, preparing]) client.release(true);
    await other.drop();
  }
}
