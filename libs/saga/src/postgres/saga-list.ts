import type { SqlRow, Queryable } from '@millrace/streaming-core/postgres';
import { openSteps } from './saga.sql.ts';

/** The sagas to list: those of a status, or of a group of them. */
export type SagaFilterState =
  | 'live'
  | 'running'
  | 'compensating'
  | 'closing'
  | 'needs_attention'
  | 'paused'
  | 'completed'
  | 'compensated'
  | 'all';

export interface ListedSaga {
  readonly sagaId: string;
  readonly definition: string;
  readonly version: number;
  readonly status: 'running' | 'compensating' | 'closing' | 'completed' | 'compensated';
  readonly needsAttention: boolean;
  readonly paused: boolean;
  /** The first step that the saga waits for. Null at its end. */
  readonly step: string | null;
  /** The names of everything that the saga waits for. */
  readonly steps: readonly string[];
  /** The reason of the compensation. Null if there is none. */
  readonly reason: string | null;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly updatedAt: string;
}

/** The place of a saga in the list. */
export interface SagaPlace {
  /** ISO 8601, UTC, with microseconds. */
  readonly startedAt: string;
  readonly definition: string;
  readonly sagaId: string;
}

export interface SagaQuery {
  readonly state: SagaFilterState;
  readonly definition?: string | undefined;
  readonly step?: string | undefined;
  /** Lists only sagas that started at least this long ago. */
  readonly olderThanMs?: number | undefined;
  readonly after?: SagaPlace | undefined;
  readonly limit: number;
}

/** Conditions that PostgreSQL can match with the partial indexes. */
const conditions: Readonly<Record<SagaFilterState, string>> = {
  live: `status NOT IN ('completed', 'compensated')`,
  running: `status NOT IN ('completed', 'compensated') AND status = 'running'`,
  compensating: `status NOT IN ('completed', 'compensated') AND status = 'compensating'`,
  closing: `status NOT IN ('completed', 'compensated') AND status = 'closing'`,
  needs_attention: `status NOT IN ('completed', 'compensated') AND needs_attention`,
  paused: `status NOT IN ('completed', 'compensated') AND paused`,
  completed: `status = 'completed'`,
  compensated: `status = 'compensated'`,
  all: 'true',
};

/**
 * Lists sagas, the oldest first.
 *
 * $1 definition or null, $2 step or null, $3 minimum age in ms or null, $4 started at, $5 definition and
 * $6 saga id of the saga before the page or null, $7 limit.
 */
const listStatement = (state: SagaFilterState): string => `
  SELECT saga_id, definition, version, status, needs_attention, paused, step, ${openSteps} AS steps, reason, started_at, updated_at,
    to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS place
  FROM saga_instance
  WHERE ${conditions[state]} AND ($1::text IS NULL OR definition = $1) AND ($2::text IS NULL OR step = $2 OR $2 = ANY (${openSteps}))
    AND started_at <= coalesce(clock_timestamp() - $3::float8 * interval '1 millisecond', 'infinity')
    AND (started_at, definition, saga_id) > (coalesce($4::timestamptz, '-infinity'), coalesce($5, ''), coalesce($6, ''))
  ORDER BY started_at, definition, saga_id LIMIT $7`;

interface ListedRow extends SqlRow {
  readonly saga_id: string;
  readonly definition: string;
  readonly version: number;
  readonly status: ListedSaga['status'];
  readonly needs_attention: boolean;
  readonly paused: boolean;
  readonly step: string | null;
  readonly steps: readonly string[];
  readonly reason: string | null;
  readonly started_at: Date;
  readonly updated_at: Date;
  readonly place: string;
}

/** Lists sagas of every definition, the oldest first, each with its place in the list. */
export async function listSagas(
  database: Queryable,
  { state, definition, step, olderThanMs, after, limit }: SagaQuery,
): Promise<readonly { readonly saga: ListedSaga; readonly place: SagaPlace }[]> {
  const { rows } = await database.query<ListedRow>(listStatement(state), [
    definition ?? null,
    step ?? null,
    olderThanMs ?? null,
    after?.startedAt ?? null,
    after?.definition ?? null,
    after?.sagaId ?? null,
    limit,
  ]);
  return rows.map((row) => ({
    saga: {
      sagaId: row.saga_id,
      definition: row.definition,
      version: row.version,
      status: row.status,
      needsAttention: row.needs_attention,
      paused: row.paused,
      step: row.step,
      steps: row.steps,
      reason: row.reason,
      startedAt: row.started_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    },
    place: { startedAt: row.place, definition: row.definition, sagaId: row.saga_id },
  }));
}
