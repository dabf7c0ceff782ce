import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from '@millrace/streaming-core/contract';
import { migrate, pgDatabase, type SqlDatabase } from '@millrace/streaming-core/postgres';
import { Client, Pool } from 'pg';

/** Which of these databases are there. `postgresUrl` names none. */
export async function existingDatabases(postgresUrl: string, names: readonly string[]): Promise<readonly string[]> {
  return withClient(postgresUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database WHERE datname = ANY ($1)', [names]);
    return rows.map(({ datname }) => datname);
  });
}

export async function createDatabases(postgresUrl: string, names: readonly string[]): Promise<void> {
  await withClient(postgresUrl, async (client) => {
    for (const name of names) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  });
}

async function withClient<Result>(postgresUrl: string, work: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: `${postgresUrl}/postgres` });
  client.on('error', () => undefined); // a server that goes away fails the query in flight; that is enough
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function withDatabase<Result>(databaseUrl: string, work: (database: SqlDatabase) => Promise<Result>): Promise<Result> {
  const pool = new Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => undefined);
  try {
    return await work(pgDatabase(pool));
  } finally {
    await pool.end();
  }
}

export const migrateService = (database: SqlDatabase, app: string, workspace: string, logger: Logger): Promise<void> =>
  migrate(database, migrationFolders(app, workspace), { logger });

/** The libraries that bring tables, in the order they build on each other. */
const librariesWithTables = ['streaming-core', 'event-sourcing', 'saga', 'service-chassis'];

/** A service has the tables of the libraries that it depends on, then its own. */
function migrationFolders(app: string, workspace: string): { library: string; folder: string }[] {
  const manifest = JSON.parse(readFileSync(join(workspace, 'apps', app, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const libraries = librariesWithTables.filter((name) => `@millrace/${name}` in manifest.dependencies);
  return [
    ...libraries.map((library) => ({ library, folder: join(workspace, 'libs', library, 'migrations') })),
    { library: app, folder: join(workspace, 'apps', app, 'src/migrations') },
  ];
}
