import type { DurationMs } from '@millrace/streaming-core/runtime';
import type { Queryable } from '@millrace/streaming-core/postgres';
import {
  LIVE_SAGAS,
  OLDEST_BY_STEP,
  OLDEST_COMMANDS,
  OVERDUE_TIMERS,
  SAGAS_IN_NEED,
  UNADOPTED_TIMERS,
} from './saga.sql.ts';

/** The limit up to which live instances and the overdue timers of a partition are counted. */
const countedMax = 10_000;

export interface LiveSagas {
  readonly definition: string;
  /** `running`, `compensating` or `closing`. */
  readonly status: string;
  readonly instances: number;
  readonly oldestAgeMs: DurationMs;
}

/**
 * Figures about all sagas that have not ended. Counting stops at 10,000 instances, and at 10,000
 * overdue timers per partition. Timers of timed processes count, too. A due timer is `unadopted` if it
 * has no partition, because its saga started locally and none of the saga's messages has been handled.
 */
export interface SagaFigures {
  readonly live: readonly LiveSagas[];
  readonly needAttention: ReadonlyArray<{ readonly definition: string; readonly instances: number }>;
  /** The age of the oldest saga that waits for a step, a delay or a wait. */
  readonly steps: ReadonlyArray<{
    readonly definition: string;
    readonly step: string;
    readonly oldestAgeMs: DurationMs;
  }>;
  /**
   * The command of each definition that has waited longest for its reply, from its first sending. A
   * saga that is within a delay or a wait has no such command, however old it is.
   */
  readonly commands: ReadonlyArray<{
    readonly definition: string;
    readonly step: string;
    readonly oldestAgeMs: DurationMs;
  }>;
  readonly timers: {
    readonly overdue: number;
    readonly oldestOverdueMs: DurationMs;
    readonly unadopted: number;
    readonly oldestUnadoptedMs: DurationMs;
  };
}

/**
 * Reads figures for metrics and alarms, with six statements that each use an index and have a
 * limit. They cover all sagas of a database, whichever process runs them.
 */
export async function sagaFigures(database: Queryable): Promise<SagaFigures> {
  const live = await database.query<{
    definition: string;
    status: string;
    instances: number;
    oldest_age_ms: number;
  }>(LIVE_SAGAS, [countedMax]);
  const needAttention = await database.query<{ definition: string; instances: number }>(SAGAS_IN_NEED, [
    countedMax,
  ]);
  const steps = await database.query<{ definition: string; step: string; oldest_age_ms: number }>(
    OLDEST_BY_STEP,
    [countedMax],
  );
  const commands = await database.query<{ definition: string; step: string; age_ms: number }>(
    OLDEST_COMMANDS,
    [],
  );
  const timers = await database.query<{ overdue: number; oldest_overdue_ms: number }>(OVERDUE_TIMERS, [
    countedMax,
  ]);
  const unadopted = await database.query<{ unadopted: number; oldest_unadopted_ms: number }>(
    UNADOPTED_TIMERS,
    [countedMax],
  );
  return {
    live: live.rows.map(({ oldest_age_ms: oldestAgeMs, ...row }) => ({ ...row, oldestAgeMs })),
    needAttention: needAttention.rows,
    steps: steps.rows.map(({ oldest_age_ms: oldestAgeMs, ...row }) => ({ ...row, oldestAgeMs })),
    commands: commands.rows.map(({ age_ms: oldestAgeMs, ...row }) => ({ ...row, oldestAgeMs })),
    timers: {
      overdue: timers.rows[0]?.overdue ?? 0,
      oldestOverdueMs: timers.rows[0]?.oldest_overdue_ms ?? 0,
      unadopted: unadopted.rows[0]?.unadopted ?? 0,
      oldestUnadoptedMs: unadopted.rows[0]?.oldest_unadopted_ms ?? 0,
    },
  };
}
