import { Client } from 'pg';
import { CommandFailed } from '../command/failures.ts';

export interface SqlSettings {
  readonly url: string;
  readonly statementTimeoutMs: number;
}

/** Leaves values as PostgreSQL writes them, because a table shows texts. */
const asText = { getTypeParser: () => (value: string) => value };

/** Connects, runs `work`, and disconnects. Rejects with `CommandFailed` if it cannot connect. */
export async function withSession<Result>(
  { url, statementTimeoutMs }: SqlSettings,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({
    connectionString: url,
    application_name: 'millrace-sql',
    connectionTimeoutMillis: 10_000,
    statement_timeout: statementTimeoutMs,
    types: asText,
  });
  client.on('error', () => undefined); // a lost server already fails the statement in flight
  try {
    await client.connect();
  } catch (error) {
    await client.end().catch(() => undefined);
    const { host, pathname } = new URL(url);
    throw new CommandFailed(`cannot connect to ${pathname.slice(1)} on ${host}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** A connection that was refused on several addresses has its reasons in `errors`. */
const messageOf = (error: unknown): string => {
  const reasons = error instanceof AggregateError ? error.errors : [error];
  return reasons.map((reason) => (reason instanceof Error ? reason.message : String(reason))).join('; ');
};
