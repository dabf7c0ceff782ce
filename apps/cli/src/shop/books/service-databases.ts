import { withDatabase } from '@millrace/operations/client';

/** The services that keep the books. */
export const serviceNames = ['order', 'inventory', 'payment', 'shipping', 'notification'] as const;
export type ServiceName = (typeof serviceNames)[number];

export type ServiceDatabases = Readonly<Record<ServiceName, string>>;

/** Returns the databases that a stack gives its services on one server, a URL without a database. */
export const databasesOn = (postgresUrl: string): ServiceDatabases => ({
  order: `${postgresUrl}/millrace_order`,
  inventory: `${postgresUrl}/millrace_inventory`,
  payment: `${postgresUrl}/millrace_payment`,
  shipping: `${postgresUrl}/millrace_shipping`,
  notification: `${postgresUrl}/millrace_notification`,
});

export type Row = Readonly<Record<string, string | null>>;

/** Runs a query on a separate connection. */
export const query = (url: string, text: string, values: readonly unknown[] = []): Promise<readonly Row[]> =>
  withDatabase(
    url,
    async (client) => (await client.query<Record<string, string | null>>(text, [...values])).rows,
  );
