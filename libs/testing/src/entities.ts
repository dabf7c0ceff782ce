import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { snakeCaseNames, type EntityClass } from '@millrace/read-models';
import { streamingCoreMigrations } from '@millrace/streaming-core/postgres';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { createTestDatabase } from './postgres/index.ts';

/**
 * Returns the statements with which TypeORM would turn the tables of the migrations in `folders`
 * into those that the entities declare: none if columns, types, NULL, keys, defaults and indexes
 * agree. Check constraints stand in the migrations only.
 */
export async function differencesFromMigrations(
  entities: readonly EntityClass[],
  folders: readonly string[],
): Promise<readonly string[]> {
  const database = await createTestDatabase();
  const source = new DataSource({
    type: 'postgres',
    url: database.url,
    entities: [...entities],
    namingStrategy: snakeCaseNames,
    installExtensions: false,
  });
  try {
    for (const folder of [streamingCoreMigrations, ...folders]) await applyAll(folder, database.url);
    await source.initialize();
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query).filter((query) => !/DROP CONSTRAINT .*check/.test(query));
  } finally {
    if (source.isInitialized) await source.destroy();
    await database.drop();
  }
}

/** Applies the migrations without the tables of other libraries that their functions use. */
async function applyAll(folder: string, url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SET check_function_bodies = off');
    const names = (await readdir(folder)).filter((name) => name.endsWith('.sql'));
    for (const name of names.toSorted()) await client.query(await readFile(join(folder, name), 'utf8'));
  } finally {
    await client.end();
  }
}
