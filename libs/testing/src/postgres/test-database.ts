import { randomBytes } from 'node:crypto';
import { pgDatabase, type SqlDatabase } from '@millrace/streaming-core/postgres';
import { Client, Pool } from 'pg';

export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  readonly pool: Pool;
  readonly sql: SqlDatabase;
  /** Copies the database with everything in it, after it has ended every session there. */
  copy(): Promise<TestDatabase>;
  drop(): Promise<void>;
}

/**
 * Creates a database for one test file, on the project's PostgreSQL (`jest.preset.mjs` starts it).
 */
export const createTestDatabase = (serverUrl = projectPostgres()): Promise<TestDatabase> =>
  createFrom('template1', serverUrl);

async function createFrom(template: string, serverUrl: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asAdministrator(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const url = `${serverUrl}/${name}`;
  const pool = new Pool({ connectionString: url, max: 20, pipeline: true });
  // Idle connections die with a database that a test drops or kills.
  pool.on('error', () => undefined);
  return {
    url,
    name,
    pool,
    sql: pgDatabase(pool),
    async copy() {
      await asAdministrator(
        serverUrl,
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
      );
      return createFrom(name, serverUrl);
    },
    async drop() {
      await pool.end();
      await asAdministrator(
        serverUrl,
        untilSessionsEnd(name),
        `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`,
      );
    },
  };
}

function projectPostgres(): string {
  const url = process.env.MILLRACE_TEST_POSTGRES;
  if (url === undefined)
    throw new Error('no PostgreSQL for this test: name the file *.int.spec.ts and run the target test-int');
  return url;
}

/**
 * Waits up to a second until no session is left. `pool.end()` resolves before PostgreSQL has ended
 * the sessions, and an error that reaches a client of an ended pool would end the test file.
 */
const untilSessionsEnd = (name: string): string => `
  DO $$ BEGIN
    FOR look IN 1..100 LOOP
      PERFORM pg_stat_clear_snapshot();
      EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '${name}');
      PERFORM pg_sleep(0.01);
    END LOOP;
  END $$`;

async function asAdministrator(serverUrl: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: `${serverUrl}/postgres` });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
