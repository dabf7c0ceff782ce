import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topics } from '@millrace/contracts';
import { connectAdmin } from '@millrace/streaming-core/client';
import type { Logger } from '@millrace/streaming-core/contract';
import { migrate, pgDatabase } from '@millrace/streaming-core/postgres';
import { Client, Pool } from 'pg';
import type { StackDefinition } from '../define-stack.ts';

export interface SetupTarget {
  /** `postgres://user:password@host:port`, without a database. */
  readonly postgresUrl: string;
  readonly bootstrapServers: readonly string[];
  readonly workspace: string;
}

/** The one-shot setup step: databases, then each service's migrations, and topics. Running it again changes nothing. */
export async function setUp({ services }: StackDefinition, target: SetupTarget, logger: Logger): Promise<void> {
  const parts = Object.values(services);
  const topicsReady = inStep('the topics', createTopics(target.bootstrapServers, logger));
  const databasesReady = createDatabases(
    target.postgresUrl,
    parts.map(({ database }) => database),
  );
  await Promise.all([
    topicsReady,
    inStep('the databases', databasesReady),
    ...parts.map(async ({ app, database }) => {
      await databasesReady;
      await inStep(`the tables of ${app}`, migrateService(app, `${target.postgresUrl}/${database}`, target.workspace, logger));
    }),
  ]);
}

async function inStep(what: string, step: Promise<void>): Promise<void> {
  try {
    await step;
  } catch (error) {
    const why = (error as Error).message.split('\n', 1)[0];
    throw new Error(`${what} could not be prepared: ${why}. Put that right, or start anew with --fresh`, { cause: error });
  }
}

async function createDatabases(postgresUrl: string, names: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: `${postgresUrl}/postgres` });
  client.on('error', () => undefined); // a server that goes away fails the query in flight; that is enough
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    const existing = new Set(rows.map(({ datname }) => datname));
    for (const name of names.filter((wanted) => !existing.has(wanted)))
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

async function migrateService(app: string, databaseUrl: string, workspace: string, logger: Logger): Promise<void> {
  const pool = new Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => undefined);
  try {
    await migrate(pgDatabase(pool), migrationFolders(app, workspace), { logger });
  } finally {
    await pool.end();
  }
}

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

async function createTopics(bootstrapServers: readonly string[], logger: Logger): Promise<void> {
  const admin = connectAdmin({ bootstrapServers, clientId: 'millrace-setup', logger });
  try {
    await admin.createTopics(topics);
  } finally {
    await admin.close();
  }
}
