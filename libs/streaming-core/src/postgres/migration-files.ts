import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SqlError } from './sql.ts';

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
export async function readMigrations({ library, folder }: MigrationFolder): Promise<readonly Migration[]> {
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
export const isContract = (name: string): boolean => /^\d{4}-contract-/.test(name);

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
