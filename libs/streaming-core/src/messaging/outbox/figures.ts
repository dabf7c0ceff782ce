import type { DurationMs } from '../../runtime/index.ts';
import type { Queryable } from '../../postgres/index.ts';
import { outboxFiguresStatement } from './relay.sql.ts';

/** Counting stops at this number, so a larger backlog is reported as this number. */
export const pendingRowsMax = 10_000;

export interface OutboxFigures {
  /**
   * The number of rows after the cursor, at most `pendingRowsMax`. Some of them may have been
   * published.
   */
  readonly pending: number;
  /** The age of the oldest of them, or 0 if there is none. */
  readonly oldestAgeMs: DurationMs;
}

/** Counts the rows that wait in an outbox, whether a relay is running or not. */
export async function outboxFigures(database: Queryable, name = 'outbox'): Promise<OutboxFigures> {
  const { rows } = await database.query<{ pending: number; oldest_age_ms: number }>(outboxFiguresStatement, [
    name,
    pendingRowsMax,
  ]);
  return { pending: rows[0]?.pending ?? 0, oldestAgeMs: rows[0]?.oldest_age_ms ?? 0 };
}
