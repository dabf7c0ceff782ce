import {
  connectAdmin,
  connectLagReader,
  connectLogReader,
  type Admin,
  type AdminOptions,
  type LagReader,
  type LogReaderOptions,
  type OpenLogReader,
} from '@millrace/streaming-core/client';
import { seconds } from '@millrace/streaming-core/runtime';
import { Client, type ClientConfig } from 'pg';
import { OperationFailed } from './errors.ts';

/** How to connect to a cluster of brokers. */
export type Cluster = Pick<AdminOptions, 'bootstrapServers' | 'security' | 'clientId' | 'clock' | 'logger'>;

/** A person waits, so a broker that does not answer is reported soon. */
const operationTimeoutMs = seconds(10);

/**
 * Connects an admin client, runs `work` with it, and closes it even if `work` fails. Its operations
 * reject with `ClientError` if no broker answers within 10 seconds.
 */
export async function withAdmin<Result>(
  cluster: Cluster,
  work: (admin: Admin) => Promise<Result>,
): Promise<Result> {
  await using admin = connectAdmin({ ...cluster, operationTimeoutMs });
  return await work(admin);
}

/** Connects a reader of the log, runs `work` with it, and closes it even if `work` fails. */
export async function withReader<Result>(
  cluster: Cluster,
  work: (reader: OpenLogReader) => Promise<Result>,
  limits: Partial<Pick<LogReaderOptions, 'isolation' | 'fetchMaxWaitMs'>> = {},
): Promise<Result> {
  await using reader = connectLogReader({ ...cluster, operationTimeoutMs, ...limits });
  return await work(reader);
}

/**
 * Connects an admin client and a reader of lag, runs `work` with both, and closes them even if
 * `work` fails. Their operations reject with `ClientError` if no broker answers within 10 seconds.
 */
export async function withLag<Result>(
  cluster: Cluster,
  work: (admin: Admin, reader: LagReader) => Promise<Result>,
): Promise<Result> {
  const reader = connectLagReader({ ...cluster, operationTimeoutMs });
  try {
    return await withAdmin(cluster, (admin) => work(admin, reader));
  } finally {
    await reader.close();
  }
}

/**
 * Connects to the database of a URL, runs `work`, and disconnects. Rejects with `OperationFailed` if
 * it cannot connect. The error does not show the password.
 */
export async function withDatabase<Result>(
  url: string,
  work: (client: Client) => Promise<Result>,
  settings: Omit<ClientConfig, 'connectionString'> = {},
): Promise<Result> {
  if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
    throw new OperationFailed(
      'the URL of a database is wrong: give postgres://USER:PASSWORD@HOST:PORT/DATABASE',
    );
  const client = new Client({ connectionTimeoutMillis: 10_000, ...settings, connectionString: url });
  client.on('error', () => undefined); // the query in flight already fails if the server is lost
  try {
    await client.connect();
  } catch (cause) {
    await client.end().catch(() => undefined);
    const { host, pathname } = new URL(url);
    throw new OperationFailed(`cannot connect to ${pathname.slice(1)} on ${host}: ${whyUnreachable(cause)}`, {
      cause,
    });
  }
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface Failure {
  readonly name?: string;
  readonly message?: string;
  readonly cause?: unknown;
  readonly errors?: readonly unknown[];
}

/** Whether `AbortSignal.timeout` has ended a request. */
export const isTimeout = (error: unknown): boolean => (error as Failure | undefined)?.name === 'TimeoutError';

/**
 * Returns why a connection failed. `fetch` has the reason in its cause, and an address that was
 * refused in several ways has its reasons in `errors` and no message.
 */
export function whyUnreachable(error: unknown): string {
  const { message, cause, errors = [] } = (error ?? {}) as Failure;
  if (isTimeout(error)) return 'no answer in time';
  if (errors.length > 0) return errors.map(whyUnreachable).join('; ');
  return cause == null ? message || String(error) : whyUnreachable(cause);
}
