import { withDatabase } from '@millrace/operations/client';
import type { Client } from 'pg';

export interface SqlSettings {
  readonly url: string;
  readonly statementTimeoutMs: number;
}

/** Leaves values as PostgreSQL writes them, because a table shows texts. */
const asText = { getTypeParser: () => (value: string) => value };

/** Runs `work` on a connection whose values are texts. Rejects as `withDatabase` does. */
export const withSession = <Result>(
  { url, statementTimeoutMs }: SqlSettings,
  work: (client: Client) => Promise<Result>,
): Promise<Result> =>
  withDatabase(url, work, {
    application_name: 'millrace-sql',
    statement_timeout: statementTimeoutMs,
    types: asText,
  });
