import { pgDatabase, type SqlDatabase } from '@millrace/streaming-core/postgres';
import { Client, Pool } from 'pg';

/** Returns those of these databases that exist, whichever servers they are on. */
export async function existingDatabases(urls: readonly string[]): Promise<readonly string[]> {
  const found = await eachServer(urls, async (client, wanted) => {
    const { rows } = await client.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE datname = ANY ($1)',
      [wanted.map(databaseOf)],
    );
    return wanted.filter((url) => rows.some(({ datname }) => datname === databaseOf(url)));
  });
  return found.flat();
}

export async function createDatabases(urls: readonly string[]): Promise<void> {
  await eachServer(urls, async (client, wanted) => {
    for (const url of wanted)
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(databaseOf(url))}`);
  });
}

const databaseOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1));

const serverOf = (url: string): string => Object.assign(new URL(url), { pathname: '/postgres' }).href;

const eachServer = <Result>(
  urls: readonly string[],
  work: (client: Client, urls: readonly string[]) => Promise<Result>,
): Promise<Result[]> =>
  Promise.all(
    [...new Set(urls.map(serverOf))].map((server) =>
      withClient(server, (client) =>
        work(
          client,
          urls.filter((url) => serverOf(url) === server),
        ),
      ),
    ),
  );

export async function withClient<Result>(
  url: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({ connectionString: url, application_name: 'millrace-setup' });
  client.on('error', () => undefined); // a lost server already fails the query in flight
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function withDatabase<Result>(
  databaseUrl: string,
  work: (database: SqlDatabase) => Promise<Result>,
): Promise<Result> {
  const pool = new Pool({ connectionString: databaseUrl, max: 2 });
  pool.on('error', () => undefined);
  try {
    return await work(pgDatabase(pool));
  } finally {
    await pool.end();
  }
}
