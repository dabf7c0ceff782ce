import { join } from 'node:path';
import { type Logger, silentLogger } from '../runtime/index.ts';
import { isContract, readMigrations, type Migration, type MigrationFolder } from './migration-files.ts';
import {
  appliedMigrations,
  createMigrationTable,
  isApplied,
  lockRunner,
  migrationTableExists,
  recordMigration,
  withoutTimeout,
} from './migrate.sql.ts';
import { SqlError } from './sql.ts';
import type { SqlDatabase, SqlTransaction } from './transaction.ts';

/** The folder of this library's own migrations, those of `streaming-core`. */
export const streamingCoreMigrations: string = join(import.meta.dirname, '../../migrations');

export interface MigrateOptions {
  readonly logger?: Logger;
}

type Applied = { library: string; number: number; name: string; sha256: string };

/**
 * Applies the missing migrations: folder after folder, each folder's files by number, and each file
 * in its own transaction, without a time limit. Concurrent runners wait for each other.
 *
 * Rejects with `SqlError` before it applies anything if a file was changed after it had been
 * applied, or if a newer release has removed something from the database (`NNNN-contract-...`).
 * Additions by a newer release do not matter.
 */
export async function migrate(
  database: SqlDatabase,
  folders: readonly MigrationFolder[],
  { logger = silentLogger }: MigrateOptions = {},
): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query(withoutTimeout); // another runner may hold the lock for a long time
    await transaction.query(lockRunner);
    await transaction.query(createMigrationTable);
  });
  for (const migration of await pendingMigrations(database, folders)) {
    const applied = await database.transaction((transaction) => apply(transaction, migration));
    if (applied) logger.info({ library: migration.library, migration: migration.name }, 'migration applied');
  }
}

/**
 * Returns the migrations that `migrate` would apply, in its order. If there are none, a service may
 * start. Rejects as `migrate` does.
 */
export async function pendingMigrations(
  database: SqlDatabase,
  folders: readonly MigrationFolder[],
): Promise<readonly Migration[]> {
  const { rows } = await database.query<{ found: boolean }>(migrationTableExists);
  const known = rows[0]?.found === true;
  const pending: Migration[] = [];
  for (const folder of folders) {
    const files = await readMigrations(folder);
    const applied = known ? (await database.query<Applied>(appliedMigrations, [folder.library])).rows : [];
    refuseDifferences(files, applied);
    pending.push(...files.filter((file) => !applied.some((row) => row.number === file.number)));
  }
  return pending;
}

function refuseDifferences(files: readonly Migration[], applied: readonly Applied[]): void {
  for (const row of applied) {
    const file = files.find((candidate) => candidate.number === row.number);
    if (file === undefined && isContract(row.name))
      throw new SqlError(
        'migration_unknown',
        `${row.library}: the database has migration ${row.name}, which this code does not know and ` +
          'which removes something; run the version of the code that added the migration, or a newer one',
      );
    if (file !== undefined && file.sha256 !== row.sha256)
      throw new SqlError(
        'migration_changed',
        `${row.library}: ${file.name} was changed after it had been applied; ` +
          'restore the file and write the change as a new migration (in development, ' +
          'you can start with a fresh database instead)',
      );
  }
}

async function apply(
  transaction: SqlTransaction,
  { library, number, name, sha256, sql }: Migration,
): Promise<boolean> {
  await transaction.query(withoutTimeout);
  await transaction.query(lockRunner);
  if ((await transaction.query(isApplied, [library, number])).rowCount > 0) return false;
  await transaction.query(sql);
  await transaction.query(recordMigration, [library, number, name, sha256]);
  return true;
}
