import type { PoolClient, QueryConfig } from 'pg';
import { leaveTogether } from './leave-together.ts';
import type { TransactionConnection } from './open-transaction.ts';
import type { SqlRow } from './sql.ts';
import { withholdSyncs } from './withhold-syncs.ts';

/** Has a name, so that each connection parses it once. */
const prepared = (text: string): QueryConfig => ({ name: text.toLowerCase(), text });

/**
 * Begins a transaction on a client that pipelines. BEGIN leaves together with the first statement,
 * and COMMIT with the last ones. If BEGIN is refused, no statement of the transaction runs, and each
 * rejects with the reason, also when the work swallows it.
 */
export function beginPipelined(
  client: PoolClient,
  query: TransactionConnection['query'],
): TransactionConnection {
  const flight = withholdSyncs(client);
  leaveTogether(client);
  const begun = client.query(prepared('BEGIN'));
  begun.catch(() => undefined); // each statement reports it
  return {
    async query<Row extends SqlRow>(text: string, values: unknown[]) {
      if (!flight.isOpen) await begun;
      return query<Row>(text, values);
    },
    async end(statement) {
      if (!flight.isOpen) await begun;
      leaveTogether(client);
      try {
        const { command } = await client.query(prepared(statement));
        if (statement === 'COMMIT') await begun;
        return command;
      } catch (error) {
        if (!isAborted(error)) throw error;
        return (await client.query('ROLLBACK')).command; // COMMIT was skipped
      }
    },
  };
}

const isAborted = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '25P02';
