import type { PoolClient } from 'pg';
import { leaveTogether } from './leave-together.ts';
import type { TransactionConnection } from './open-transaction.ts';

/**
 * Begins a transaction on a client that pipelines. BEGIN leaves together with the first statement,
 * and COMMIT with the last ones. PostgreSQL and PgBouncer make BEGIN fail only with the connection,
 * and then the statements after it fail as well. Behind a pooler that refused BEGIN and stayed
 * connected, they would commit one by one before the end reports it.
 */
export function beginPipelined(
  client: PoolClient,
  query: TransactionConnection['query'],
): TransactionConnection {
  leaveTogether(client);
  const begun = client.query('BEGIN');
  begun.catch(() => undefined); // the first statement reports it
  return {
    query,
    async end(statement) {
      leaveTogether(client);
      const { command } = await client.query(statement);
      if (statement === 'COMMIT') await begun;
      return command;
    },
  };
}
