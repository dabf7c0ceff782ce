import { withSession } from '../sql/session-settings.ts';
import type { SagaCount } from './status-parts.ts';

const hasSagas = `SELECT to_regclass('saga_instance') IS NOT NULL AS found`;
const counts = `SELECT definition, status, count(*) FILTER (WHERE needs_attention) AS attention, count(*) AS sagas
  FROM saga_instance GROUP BY definition, status ORDER BY definition, status`;

const statementTimeoutMs = 10_000;

interface CountRow {
  readonly definition: string;
  readonly status: string;
  readonly attention: string;
  readonly sagas: string;
}

/** Counts the sagas of a service by their state. Returns nothing for a service without sagas. */
export const countSagas = (service: string, url: string): Promise<readonly SagaCount[]> =>
  withSession({ url, statementTimeoutMs }, async (client) => {
    const [table] = (await client.query<{ found: string }>(hasSagas)).rows;
    if (table?.found !== 't') return [];
    const { rows } = await client.query<CountRow>(counts);
    return rows.map(({ definition, status, attention, sagas }) => ({
      service,
      definition,
      status,
      needsAttention: Number(attention),
      sagas: Number(sagas),
    }));
  });
