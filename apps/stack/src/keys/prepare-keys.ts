import { personalDataMigrations } from '@millrace/personal-data';
import type { Logger } from '@millrace/streaming-core/runtime';
import { migrate } from '@millrace/streaming-core/postgres';
import { createDatabases, existingDatabases, withDatabase } from '../setup/databases.ts';

/** Creates the database of the keys and its tables. Running it again changes nothing. */
export async function prepareKeys(keysUrl: string, logger: Logger): Promise<void> {
  if ((await existingDatabases([keysUrl])).length === 0) await createDatabases([keysUrl]);
  const tables = { library: 'personal-data', folder: personalDataMigrations };
  await withDatabase(keysUrl, (database) => migrate(database, [tables], { logger }));
}
