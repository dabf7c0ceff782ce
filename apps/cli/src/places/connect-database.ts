import { Client, type ClientConfig } from 'pg';
import { CommandFailed } from '../command/failures.ts';
import { whyUnreachable } from './why-unreachable.ts';

/**
 * Connects to the database of a URL, runs `work`, and disconnects. Rejects with `CommandFailed` if
 * it cannot connect. The error does not show the password.
 */
export async function withDatabase<Result>(
  url: string,
  work: (client: Client) => Promise<Result>,
  settings: Omit<ClientConfig, 'connectionString'> = {},
): Promise<Result> {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    throw new CommandFailed(
      'the URL of a database is wrong: give postgres://USER:PASSWORD@HOST:PORT/DATABASE',
    );
  const client = new Client({ connectionTimeoutMillis: 10_000, ...settings, connectionString: url });
  client.on('error', () => undefined); // the query in flight already fails if the server is lost
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    const { host, pathname } = new URL(url);
    throw new CommandFailed(`cannot connect to ${pathname.slice(1)} on ${host}: ${whyUnreachable(error)}`, {
      cause: error,
    });
  }
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
