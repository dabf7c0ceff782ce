import { personalDataMigrations } from '@millrace/personal-data';
import { migrate } from '@millrace/streaming-core/postgres';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

/** Creates a database of keys for one test file, on the project's PostgreSQL. */
export async function createTestKeys(serverUrl?: string): Promise<TestDatabase> {
  const keys = await createTestDatabase(serverUrl);
  await migrate(keys.sql, [{ library: 'personal-data', folder: personalDataMigrations }]);
  return keys;
}
