import type { DurationMs } from '../../runtime/index.ts';
import type { Queryable } from '../../postgres/index.ts';
import { PENDING_CALLS } from './external-calls.sql.ts';

/**
 * Counting stops at this number of calls. It covers all kinds together and begins with the oldest.
 */
export const pendingCallsMax = 10_000;

export interface ExternalCallFigures {
  readonly kind: string;
  /** The number of calls that are in flight or waiting. */
  readonly pending: number;
  readonly oldestAgeMs: DurationMs;
}

/** Counts the pending external calls of each kind. A kind without pending calls is left out. */
export async function externalCallFigures(database: Queryable): Promise<readonly ExternalCallFigures[]> {
  const { rows } = await database.query<{ kind: string; pending: number; oldest_age_ms: number }>(
    PENDING_CALLS,
    [pendingCallsMax],
  );
  return rows.map(({ kind, pending, oldest_age_ms: oldestAgeMs }) => ({ kind, pending, oldestAgeMs }));
}
