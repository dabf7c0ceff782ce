import { Client } from 'pg';
import type { Engines, ServiceName } from '@millrace/testing/shop';

/**
 * The previous release refuses to start on migrations that it does not know, even those that only add; this one does no more. While `work` runs, what
 * was applied since it is hidden from it (docs/OPERATIONS.md, stepping back). Only a start looks there.
 */
export async function hidingNewMigrations<Result>(
  { postgresUrl }: Engines,
  service: ServiceName,
  since: Date,
  work: () => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: `${postgresUrl}/millrace_${service}` });
  await client.connect();
  try {
    await client.query(`UPDATE schema_migration SET library = library || ' (ahead)' WHERE applied_at > $1`, [
      since,
    ]);
    return await work();
  } finally {
    await client.query(
      `UPDATE schema_migration SET library = replace(library, ' (ahead)', '') WHERE library LIKE '% (ahead)'`,
    );
    await client.end();
  }
}
