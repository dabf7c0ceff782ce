import type { EventMetadata } from '@millrace/event-sourcing';
import type { TraceContext } from '@millrace/streaming-core/contract';
import type { SqlTransaction } from '@millrace/streaming-core/postgres';
import type { DurationMs } from '@millrace/streaming-core/runtime';
import { SagaError } from '../errors.ts';
import { clearTimer, setTimer } from '../postgres/process-timers.ts';
import { causeOf, type FoundTimer } from '../postgres/saga-rows.ts';
import type { Definitions } from './definitions.ts';

/** A process of a service that has durable timers and is not a saga. */
export interface TimedProcess {
  /**
   * Names the process in its timers, and as the `saga` of everything that they cause. No saga may
   * have the same name.
   */
  readonly name: string;
  /**
   * The topic whose keys are the ids of the process's instances. The owner of the partition of an
   * id fires the instance's timers.
   */
  readonly startTopic: string;
  /**
   * The other topics that the process reads. A timer fires only once everything that was on them and
   * on the start topic when it came due has been handled.
   */
  readonly topics: readonly string[];
  /** The shortest time for which a timer is set, in ms. A timer is found at most that much late. */
  readonly shortestMs: DurationMs;
  /** The streams that firing a timer of the instance reads or writes. */
  locks(id: string): readonly string[];
  /**
   * Does what is due, in a transaction that holds the locks of these streams. Another timer of the
   * instance may have fired in it before, so it decides from their contents. Resolves to the time
   * after which the timer fires again, or to undefined if it is no longer needed. If it rejects, the
   * timer is postponed.
   */
  fire(transaction: SqlTransaction, timer: DueTimer): Promise<DurationMs | undefined>;
}

export interface DueTimer {
  /** The id of the instance. */
  readonly id: string;
  readonly timer: string;
  /** 1 for a timer that fires for the first time since it was set. */
  readonly attempt: number;
  /** The time at which it fires. ISO 8601, UTC. */
  readonly at: string;
  /** The metadata of everything that the timer causes. */
  readonly metadata: EventMetadata;
}

/** Throws `SagaError` (`invalid_definition`) if a saga or another process has the name of one. */
export function registerProcesses(
  processes: readonly TimedProcess[],
  { names }: Pick<Definitions, 'names'>,
): ReadonlyMap<string, TimedProcess> {
  const byName = new Map(processes.map((process) => [process.name, process]));
  const taken = processes.find(
    (process) => names.includes(process.name) || byName.get(process.name) !== process,
  );
  if (taken !== undefined)
    throw new SagaError(
      'invalid_definition',
      `timed process ${taken.name}: a saga or another timed process has the same name; choose another one`,
    );
  return byName;
}

/** Returns the start topics of sagas and processes, each with every topic that these read. */
export function topicsByStart(
  { topicsByStart: ofSagas }: Pick<Definitions, 'topicsByStart'>,
  processes: ReadonlyMap<string, TimedProcess>,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map(ofSagas);
  for (const { startTopic, topics } of processes.values())
    found.set(startTopic, [...new Set([...(found.get(startTopic) ?? []), startTopic, ...topics])]);
  return found;
}

/** Fires a timer, and then sets it again or deletes it. */
export async function fireProcess(
  transaction: SqlTransaction,
  process: TimedProcess,
  found: FoundTimer,
  { trace, now }: { readonly trace: TraceContext; readonly now: number },
): Promise<void> {
  const { saga_id: id, step: timer, attempt, partition } = found;
  const causationId = causeOf(found);
  const correlationId = found.correlation_id ?? causationId;
  const metadata: EventMetadata = { correlationId, causationId, saga: process.name, ...trace };
  const due = { id, timer, attempt, at: new Date(now).toISOString(), metadata };
  const afterMs = await process.fire(transaction, due);
  if (afterMs === undefined) return clearTimer(transaction, process, { id, timer });
  await setTimer(transaction, process, {
    id,
    timer,
    attempt: attempt + 1,
    afterMs,
    now,
    partition,
    metadata,
  });
}
