import type { DurationMs } from '../../runtime/index.ts';
import type { SqlTransaction } from '../../postgres/index.ts';
import { PENDING_CALLS } from './external-calls.sql.ts';

/** Calls are counted up to here, of all kinds together, the oldest first. */
export const pendingCallsMax = 10_000;

export interface ExternalCallFigures {
  readonly kind: string;
  /** Calls that are in flight or wait for their turn. */
  readonly pending: number;
  readonly oldestAgeMs: DurationMs;
}

/** What waits for systems outside, by kind; a kind of which nothing waits is left out. */
export async function externalCallFigures(database: SqlTransaction): Promise<readonly ExternalCallFigures[]> {
  const { rows } = await database.query<{ kind: string; pending: number; oldest_age_ms: number }>(
    PENDING_CALLS,
    [pendingCallsMax],
  );
  return rows.map(({ kind, pending, oldest_age_ms: oldestAgeMs }) => ({ kind, pending, oldestAgeMs }));
}
