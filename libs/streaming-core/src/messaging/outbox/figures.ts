import type { DurationMs } from '../../runtime/index.ts';
import type { SqlTransaction } from '../../postgres/index.ts';
import { outboxFiguresStatement } from './relay.sql.ts';

/** Rows are counted up to here; a larger backlog shows as this many. */
export const pendingRowsMax = 10_000;

export interface OutboxFigures {
  /** Rows that are not known to be published, at most `pendingRowsMax`. */
  readonly pending: number;
  /** Age of the oldest of them; 0 when there is none. */
  readonly oldestAgeMs: DurationMs;
}

/** What waits in an outbox, whoever publishes it, and also while nobody does. */
export async function outboxFigures(database: SqlTransaction, name = 'outbox'): Promise<OutboxFigures> {
  const { rows } = await database.query<{ pending: number; oldest_age_ms: number }>(outboxFiguresStatement, [
    name,
    pendingRowsMax,
  ]);
  return { pending: rows[0]?.pending ?? 0, oldestAgeMs: rows[0]?.oldest_age_ms ?? 0 };
}
