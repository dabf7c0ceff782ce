import type { SqlRow, SqlTransaction } from '@millrace/streaming-core/postgres';
import type { TimerChange } from '../decision/effects.ts';
import type { Role } from '../decision/events.ts';
import { awaited, needsAttention, type Present } from '../decision/state.ts';
import { CLEAR_TIMER, SAVE_INSTANCE, SET_TIMER, TIMERS_OF_SAGA } from './saga.sql.ts';

export async function saveInstance(transaction: SqlTransaction, state: Present, now: Date): Promise<void> {
  await transaction.query(SAVE_INSTANCE, [
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
    now,
  ]);
}

export async function changeTimers(
  transaction: SqlTransaction,
  { definition, sagaId, startTopic, partition }: Present,
  changes: readonly TimerChange[],
  now: number,
): Promise<void> {
  for (const change of changes) {
    const key = [definition, sagaId, change.role, change.step];
    if (change.change === 'clear') await transaction.query(CLEAR_TIMER, key);
    else {
      const { token, attempt, delayMs, stepTimeoutMs } = change;
      await transaction.query(SET_TIMER, [...key, token, attempt, new Date(now + delayMs), stepTimeoutMs, startTopic, partition]);
    }
  }
}

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
