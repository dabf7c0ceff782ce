import type { EventMetadata } from '@millrace/event-sourcing';
import { writeRanks, type CollectedWrite, type SqlTransaction } from '@millrace/streaming-core/postgres';
import type { DurationMs } from '@millrace/streaming-core/runtime';
import { columnsOf, lastOf } from './saga-rows.ts';

/** The part of a timed process that its timers carry. */
interface TimerOwner {
  readonly name: string;
  readonly startTopic: string;
}

/** A timer of one instance of a process. */
interface TimerName {
  /** The id of the instance. */
  readonly id: string;
  readonly timer: string;
}

export interface TimerToSet extends TimerName {
  readonly afterMs: DurationMs;
  /** Unix time in milliseconds. */
  readonly now: number;
  /**
   * The partition of the start topic that has the instance's messages. A timer without one does not
   * fire until it is set again with one.
   */
  readonly partition?: number;
  /** The metadata of the decision that sets the timer. What the timer causes has the same cause. */
  readonly metadata: EventMetadata;
  /** The default is 1, for a timer that has not fired yet. */
  readonly attempt?: number;
}

type TimerChange = (
  | (TimerToSet & { readonly change: 'set'; readonly startTopic: string })
  | (TimerName & { readonly change: 'clear' })
) & { readonly process: string };

/**
 * Sets a timer, or sets it again, together with those of the other messages of the unit of work. The
 * transaction must hold the locks that the process declares for the instance.
 */
export const setTimer = (
  transaction: SqlTransaction,
  { name, startTopic }: TimerOwner,
  timer: TimerToSet,
): Promise<void> => transaction.collect(timerRows, [{ ...timer, change: 'set', process: name, startTopic }]);

/** Deletes a timer if there is one, under the same locks. */
export const clearTimer = (
  transaction: SqlTransaction,
  { name }: TimerOwner,
  timer: TimerName,
): Promise<void> => transaction.collect(timerRows, [{ ...timer, change: 'clear', process: name }]);

/**
 * Writes what a unit of work changes of the timers of timed processes. A timer that is set again
 * without a partition keeps the one it has.
 *
 * - Each timer to delete: $1 process, $2 id, $3 timer.
 * - Each timer to set: $4 process, $5 id, $6 timer, $7 token, $8 attempt, $9 due at, $10 time that a
 *   disruption grants again, $11 start topic, $12 partition, $13 traceparent, $14 tracestate, $15
 *   correlation id.
 */
const SAVE_PROCESS_TIMERS = `
  WITH cleared AS (
    DELETE FROM saga_timer USING unnest($1::text[], $2::text[], $3::text[]) AS over (definition, saga_id, step)
    WHERE saga_timer.definition = over.definition AND saga_timer.saga_id = over.saga_id AND saga_timer.role = 'deadline'
      AND saga_timer.step = over.step
  )
  INSERT INTO saga_timer (role, definition, saga_id, step, token, attempt, due_at, step_timeout_ms, start_topic, partition,
                          traceparent, tracestate, correlation_id)
  SELECT 'deadline', * FROM unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::timestamptz[], $10::integer[],
                                   $11::text[], $12::integer[], $13::text[], $14::text[], $15::text[])
  ON CONFLICT (definition, saga_id, role, step) DO UPDATE
  SET token = excluded.token, attempt = excluded.attempt, due_at = excluded.due_at, step_timeout_ms = excluded.step_timeout_ms,
      partition = coalesce(excluded.partition, saga_timer.partition), traceparent = excluded.traceparent,
      tracestate = excluded.tracestate, correlation_id = excluded.correlation_id`;

const timerRows: CollectedWrite<TimerChange> = {
  rank: writeRanks.rows,
  async write(transaction, changes) {
    const timers = lastOf(changes, ({ process, id, timer }) => [process, id, timer]);
    const cleared = timers.filter(({ change }) => change === 'clear');
    const answers = transaction.query(SAVE_PROCESS_TIMERS, [
      ...columnsOf(
        cleared.map(({ process, id, timer }) => [process, id, timer]),
        3,
      ),
      ...columnsOf(
        timers.flatMap((timer) => (timer.change === 'set' ? [rowOf(timer)] : [])),
        12,
      ),
    ]);
    return { answers };
  },
};

const rowOf = ({
  process,
  id,
  timer,
  afterMs,
  now,
  startTopic,
  partition,
  metadata: { correlationId, causationId, traceparent, tracestate },
  attempt = 1,
}: Extract<TimerChange, { change: 'set' }>): readonly unknown[] => [
  process,
  id,
  timer,
  `${causationId}:${attempt}`,
  attempt,
  new Date(now + afterMs),
  afterMs,
  startTopic,
  partition ?? null,
  traceparent ?? null,
  tracestate ?? null,
  correlationId,
];
