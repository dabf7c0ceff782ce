import type { SqlRow, SqlTransaction } from '@millrace/streaming-core/postgres';
import type { TimerChange } from '../decision/effects.ts';
import type { Role } from '../decision/events.ts';
import { awaited, needsAttention, type Present } from '../decision/state.ts';
import { SAVE_SAGA, TIMERS_OF_SAGA } from './saga.sql.ts';

/** Writes the instance's row and its timers; the caller's transaction holds the saga's stream. */
export async function saveSaga(transaction: SqlTransaction, state: Present, changes: readonly TimerChange[], now: number): Promise<void> {
  const clear = changes.filter((change) => change.change === 'clear');
  const set = changes.filter((change) => change.change === 'set');
  await transaction.query(SAVE_SAGA, [
    ...instanceColumns(state),
    new Date(now),
    clear.map(({ role }) => role),
    clear.map(({ step }) => step),
    set.map(({ role }) => role),
    set.map(({ step }) => step),
    set.map(({ token }) => token),
    set.map(({ attempt }) => attempt),
    set.map(({ delayMs }) => new Date(now + delayMs)),
    set.map(({ stepTimeoutMs }) => stepTimeoutMs),
  ]);
}

const instanceColumns = (state: Present): readonly unknown[] => [
  state.definition,
  state.sagaId,
  state.version,
  state.status,
  awaited(state)[0]?.step ?? null,
  needsAttention(state),
  'failure' in state ? state.failure.reason : null,
  state.startTopic,
  state.partition,
  state.startedAt,
];

export interface PendingTimer {
  readonly step: string;
  readonly kind: Role;
  readonly attempt: number;
  /** ISO 8601, UTC. */
  readonly dueAt: string;
}

interface TimerRow extends SqlRow {
  readonly step: string;
  readonly role: Role;
  readonly attempt: number;
  readonly due_at: Date;
}

export async function timersOf(transaction: SqlTransaction, definition: string, sagaId: string): Promise<readonly PendingTimer[]> {
  const { rows } = await transaction.query<TimerRow>(TIMERS_OF_SAGA, [definition, sagaId]);
  return rows.map(({ step, role, attempt, due_at }) => ({ step, kind: role, attempt, dueAt: due_at.toISOString() }));
}
