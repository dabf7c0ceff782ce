import {
  writeRanks,
  type CollectedWrite,
  type SqlRow,
  type SqlTransaction,
  type Queryable,
} from '@millrace/streaming-core/postgres';
import type { TraceContext } from '@millrace/streaming-core/contract';
import type { TimerChange, TimerRole } from '../decision/decide.ts';
import { ADOPT_TIMERS, SAVE_SAGAS, TIMERS_OF_SAGA } from './saga.sql.ts';
import { type Present, needsAttention, awaited, openWaits } from '../decision/state.ts';

/** A change to a timer, with what became of the command that it is for. */
export type SavedTimer = TimerChange & { readonly topic?: string; readonly withheld?: boolean };

/** The effect of one input on a saga. */
interface SagaChange {
  readonly state: Present;
  readonly timers: readonly SavedTimer[];
  /** The partition of the input. Undefined while a saga starts locally. */
  readonly partition?: number;
  /** The trace of the input. A timer that the input sets carries it on. */
  readonly trace: TraceContext;
  /** Unix time in milliseconds. */
  readonly now: number;
}

/**
 * Writes the instance's row and its timers, together with those of the other inputs of its unit of
 * work. The transaction must hold the lock of the saga's stream.
 */
export const saveSaga = (transaction: SqlTransaction, change: SagaChange): Promise<void> =>
  transaction.collect(sagaRows, [change]);

const sagaRows: CollectedWrite<SagaChange> = {
  rank: writeRanks.rows,
  async write(transaction, changes) {
    const instances = lastOf(changes, ({ state }) => [state.definition, state.sagaId]);
    const timers = lastOf(
      changes.flatMap(({ timers, ...change }) => timers.map((timer) => ({ ...change, timer }))),
      ({ state, timer }) => [state.definition, state.sagaId, timer.role, timer.step],
    );
    const cleared = timers.filter(({ timer }) => timer.change === 'clear');
    const set = timers.flatMap(({ timer, ...of }) => (timer.change === 'set' ? [{ timer, ...of }] : []));
    const answers = transaction.query(SAVE_SAGAS, [
      ...columnsOf(instances.map(instanceOf), 11),
      ...columnsOf(
        cleared.map(({ state, timer }) => [state.definition, state.sagaId, timer.role, timer.step]),
        4,
      ),
      ...columnsOf(
        set.map(({ state, partition, timer, trace, now }) => [
          ...timerOf(state, timer),
          new Date(now + (timer.withheld === true ? 0 : timer.delayMs)),
          timer.stepTimeoutMs,
          ...startOf(state, partition),
          trace.traceparent ?? null,
          trace.tracestate ?? null,
        ]),
        12,
      ),
      instances.map(({ state }) => state.paused !== undefined),
      instances.map(({ state }) => JSON.stringify(openSteps(state))),
      set.map(({ timer }) => timer.topic ?? null),
      set.map(({ timer }) => timer.withheld ?? false),
    ]);
    return { answers };
  },
};

/** Keeps the last of the items with the same name, in the place of the first. */
export function lastOf<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => readonly string[],
): readonly Item[] {
  return [...new Map(items.map((item) => [JSON.stringify(nameOf(item)), item])).values()];
}

export const columnsOf = (rows: readonly (readonly unknown[])[], columns: number): readonly unknown[] =>
  Array.from({ length: columns }, (_, index) => rows.map((row) => row[index]));

const timerOf = (
  { definition, sagaId }: Present,
  { role, step, token, attempt }: Extract<TimerChange, { change: 'set' }>,
) => [definition, sagaId, role, step, token, attempt];

const startOf = (state: Present, partition: number | undefined) => [
  state.startTopic,
  state.partition ?? partition ?? null,
];

/** The names of everything that the saga waits for. */
const openSteps = (state: Present): readonly string[] => [
  ...awaited(state).map(({ step }) => step),
  ...openWaits(state).map(({ name }) => name),
];

const instanceOf = ({ state, partition, now }: SagaChange): readonly unknown[] => [
  state.definition,
  state.sagaId,
  state.version,
  state.status,
  openSteps(state)[0] ?? null,
  needsAttention(state),
  'failure' in state ? state.failure.reason : null,
  ...startOf(state, partition),
  state.startedAt,
  new Date(now),
];

/** A saga that started locally, and the partition of the first of its messages that was handled. */
interface Adoption {
  readonly state: Present;
  readonly partition: number;
  /** Unix time in milliseconds. */
  readonly now: number;
}

/**
 * Gives the partition to the timers of the saga that have none. Their timeout begins again, because
 * the relay may have published their commands late. The transaction must hold the lock of the
 * saga's stream.
 */
export const adoptTimers = (transaction: SqlTransaction, adoption: Adoption): Promise<void> =>
  transaction.collect(adoptions, [adoption]);

const adoptions: CollectedWrite<Adoption> = {
  rank: writeRanks.rows,
  async write(transaction, adopted) {
    const rows = adopted.map(({ state, partition, now }) => [
      state.definition,
      state.sagaId,
      partition,
      new Date(now),
    ]);
    return { answers: transaction.query(ADOPT_TIMERS, columnsOf(rows, 4)) };
  },
};

export interface PendingTimer {
  readonly step: string;
  readonly kind: TimerRole;
  readonly attempt: number;
  /** ISO 8601, UTC. */
  readonly dueAt: string;
  /** True if the command was not sent, because an operator held it back. */
  readonly withheld: boolean;
}

interface TimerRow extends SqlRow {
  readonly step: string;
  readonly role: TimerRole;
  readonly attempt: number;
  readonly due_at: Date;
  readonly withheld: boolean;
}

export async function timersOf(
  transaction: Queryable,
  definition: string,
  sagaId: string,
): Promise<readonly PendingTimer[]> {
  const { rows } = await transaction.query<TimerRow>(TIMERS_OF_SAGA, [definition, sagaId]);
  return rows.map(({ step, role, attempt, due_at, withheld }) => ({
    step,
    kind: role,
    attempt,
    dueAt: due_at.toISOString(),
    withheld,
  }));
}

/**
 * A timer's row as it was found. The transaction that fires the timer checks again whether it is
 * due.
 */
export interface FoundTimer extends SqlRow {
  readonly definition: string;
  readonly saga_id: string;
  readonly role: TimerRole;
  readonly step: string;
  readonly token: string;
  readonly attempt: number;
  readonly due_at: Date;
  readonly start_topic: string;
  readonly partition: number;
  /** True if the command was not sent, because an operator held it back. */
  readonly withheld: boolean;
  /** The trace of the input that set the timer. Null if that input was not traced. */
  readonly traceparent: string | null;
  readonly tracestate: string | null;
  /** Null for the timer of a saga. */
  readonly correlation_id: string | null;
}

/** Returns the id of the unanswered command, or the cause of the decision that set the timer. */
export const causeOf = ({ token }: FoundTimer): string => token.slice(0, token.lastIndexOf(':'));

/** The identities of timers as columns: definitions, saga ids, roles, steps, tokens. */
export const timerColumns = (timers: readonly FoundTimer[]): readonly (readonly string[])[] => [
  timers.map(({ definition }) => definition),
  timers.map(({ saga_id }) => saga_id),
  timers.map(({ role }) => role),
  timers.map(({ step }) => step),
  timers.map(({ token }) => token),
];
