import { withDatabase } from '@millrace/operations/client';
import type { DurationMs } from '@millrace/streaming-core/runtime';

/** The services that keep the books. */
export const serviceNames = ['order', 'inventory', 'payment', 'shipping', 'notification'] as const;
export type ServiceName = (typeof serviceNames)[number];

export type ServiceDatabases = Readonly<Record<ServiceName, string>>;

/** Asks `urlOf` for the URL of each service's database. It is called once per service. */
export const databasesOf = (urlOf: (service: ServiceName) => string): ServiceDatabases => ({
  order: urlOf('order'),
  inventory: urlOf('inventory'),
  payment: urlOf('payment'),
  shipping: urlOf('shipping'),
  notification: urlOf('notification'),
});

/** Returns the databases that a stack gives its services on one server, a URL without a database. */
export const databasesOn = (postgresUrl: string): ServiceDatabases =>
  databasesOf((service) => `${postgresUrl}/millrace_${service}`);

/** What ends a check early. Without them it takes as long as the databases need. */
export interface Bounds {
  /** Closes the connections at once; the check then rejects with the reason of the signal. */
  readonly signal?: AbortSignal;
  /** The longest that PostgreSQL works on one statement. */
  readonly statementMsMax?: DurationMs;
}

type Work<Result> = Parameters<typeof withDatabase<Result>>[1];

/** Runs `work` on a separate connection within the bounds. */
export async function readDatabase<Result>(
  url: string,
  { signal, statementMsMax }: Bounds,
  work: Work<Result>,
): Promise<Result> {
  signal?.throwIfAborted();
  const reading = withDatabase(
    url,
    async (client) => {
      const close = () => void client.end().catch(() => undefined);
      signal?.addEventListener('abort', close, { once: true });
      try {
        return await work(client);
      } finally {
        signal?.removeEventListener('abort', close);
      }
    },
    statementMsMax === undefined ? {} : { statement_timeout: statementMsMax },
  );
  return reading.catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
}

export type Row = Readonly<Record<string, string | null>>;

/** Runs a query on a separate connection. */
export const query = (
  url: string,
  text: string,
  values: readonly unknown[] = [],
  bounds: Bounds = {},
): Promise<readonly Row[]> =>
  readDatabase(
    url,
    bounds,
    async (client) => (await client.query<Record<string, string | null>>(text, [...values])).rows,
  );
