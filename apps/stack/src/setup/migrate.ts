import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topics } from '@millrace/contracts';
import { connectAdmin, type Admin, type AdminOptions, type ConnectionSecurity } from '@millrace/streaming-core/client';
import type { Logger } from '@millrace/streaming-core/contract';
import { migrate, pgDatabase } from '@millrace/streaming-core/postgres';
import { Client, Pool } from 'pg';
import type { StackDefinition } from '../define-stack.ts';
import { topicCopies, type TopicCopies } from './topic-copies.ts';

export interface SetupTarget {
  /** `postgres://user:password@host:port`, without a database. */
  readonly postgresUrl: string;
  readonly log: LogTarget;
  readonly workspace: string;
  /** What to do when a step fails, for whoever reads the message; where it is not given, what helps under `npm start`. */
  readonly remedy?: string;
}

/** Where the topics go. */
export interface LogTarget {
  readonly bootstrapServers: readonly string[];
  readonly security: ConnectionSecurity;
  readonly copies: Partial<TopicCopies>;
}

/** The one-shot setup step: databases, then each service's migrations, and topics. Running it again changes nothing. */
export async function setUp({ services }: StackDefinition, target: SetupTarget, logger: Logger): Promise<void> {
  const parts = Object.values(services);
  const inStep = namingSteps(target.remedy ?? 'Put that right, or start anew with --fresh');
  const topicsReady = inStep('the topics', createTopics(target.log, logger));
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

const namingSteps =
  (remedy: string) =>
  async (what: string, step: Promise<void>): Promise<void> => {
    try {
      await step;
    } catch (error) {
      const why = (error as Error).message.split('\n', 1)[0];
      throw new Error(`${what} could not be prepared: ${why}. ${remedy}`, { cause: error });
    }
  };

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

async function createTopics({ bootstrapServers, security, copies }: LogTarget, logger: Logger): Promise<void> {
  const connection = { bootstrapServers, security, clientId: 'millrace-setup', logger };
  const { brokers } = await withAdmin(connection, (admin) => admin.describeCluster());
  await withAdmin({ ...connection, ...topicCopies(copies, brokers) }, (admin) => admin.createTopics(topics));
}

async function withAdmin<Result>(options: AdminOptions, work: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = connectAdmin(options);
  try {
    return await work(admin);
  } finally {
    await admin.close();
  }
}
