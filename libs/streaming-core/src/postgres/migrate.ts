import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { type Logger, silentLogger } from '../runtime/index.ts';
import { SqlError } from './sql.ts';
import type { SqlDatabase, SqlTransaction } from './transaction.ts';

/** Take the lock (`lockRunner`) first, because two runners may both find the table missing. */
const createMigrationTable = `
  CREATE TABLE IF NOT EXISTS schema_migration (
    library    text        NOT NULL,
    number     integer     NOT NULL,
    name       text        NOT NULL,
    sha256     text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (library, number)
  )`;

/**
 * The lock is held until the transaction of one file ends. A second runner waits and then finds the
 * file applied.
 */
const lockRunner = `SELECT pg_advisory_xact_lock(hashtextextended('millrace schema_migration', 0))`;

/** Migrations have no time limit. The limit on transactions is meant for traffic. */
const withoutTimeout = `SET LOCAL transaction_timeout = 0`;

const migrationTableExists = `SELECT to_regclass('schema_migration') IS NOT NULL AS found`;

const appliedMigrations = `SELECT library, number, name, sha256 FROM schema_migration WHERE library = $1 ORDER BY number`;

const isApplied = `SELECT 1 FROM schema_migration WHERE library = $1 AND number = $2`;

const recordMigration = `INSERT INTO schema_migration (library, number, name, sha256) VALUES ($1, $2, $3, $4)`;

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

/**
 * A folder with the numbered files of one library: `NNNN-name.sql`, or `NNNN-contract-name.sql` for
 * a migration that removes something.
 */
export interface MigrationFolder {
  readonly library: string;
  readonly folder: string;
}

export interface Migration {
  readonly library: string;
  readonly number: number;
  readonly name: string;
  readonly sha256: string;
  readonly sql: string;
}

/**
 * Reads the migrations of a folder in the order of their numbers. Rejects two files with the same
 * number.
 */
async function readMigrations({ library, folder }: MigrationFolder): Promise<readonly Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const migrations = await Promise.all(names.map((name) => readMigration(library, folder, name)));
  for (const [index, migration] of migrations.entries())
    if (migration.number === migrations[index - 1]?.number)
      throw new SqlError(
        'migration_invalid',
        `${library}: two migrations have number ${migration.number}; renumber ${migration.name}`,
      );
  return migrations;
}

/**
 * Whether a migration removes something that the previous release still used. All other migrations
 * only add (`test/architecture` checks it), so the previous release can run beside them.
 */
const isContract = (name: string): boolean => /^\d{4}-contract-/.test(name);

async function readMigration(library: string, folder: string, name: string): Promise<Migration> {
  const number = /^(\d{4})-[a-z0-9-]+\.sql$/.exec(name)?.[1];
  if (number === undefined)
    throw new SqlError('migration_invalid', `${join(folder, name)}: rename it to NNNN-what-it-does.sql`);
  const sql = await readFile(join(folder, name), 'utf8');
  return {
    library,
    number: Number(number),
    name,
    sha256: createHash('sha256').update(sql).digest('hex'),
    sql,
  };
}
