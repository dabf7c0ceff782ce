import { sagaHolds, type HoldOperations } from './holds.ts';
import { shortestTimeout } from '../decision/timers.ts';
import { lockStreams } from '@millrace/event-sourcing';
import type { MessageHandler, OwnershipListener, SkipGuard } from '@millrace/streaming-core/consumer';
import type { TraceContext } from '@millrace/streaming-core/contract';
import { silentLogger } from '@millrace/streaming-core/runtime';
import type { SqlTransaction, Queryable } from '@millrace/streaming-core/postgres';
import { defaultSagaSettings } from '../decision/settings.ts';

import { TIMERS_STILL_DUE } from '../postgres/saga.sql.ts';
import {
  registerDefinitions,
  assertLiveVersionsKnown,
  guardUnknownVersions,
  unknownLiveVersions,
  type LiveVersion,
} from './definitions.ts';
import { messageHandlers, streamsOf } from './handlers.ts';
import { reportLifecycle } from './reports.ts';
import { sagaInspector, type InspectSaga } from './inspect.ts';
import { defaultTimerSettings, type SagaEngineOptions } from './options.ts';
import { registeredDefinitions, type RegisteredDefinition } from './registered-definitions.ts';
import { localStarts, type StartFrom } from './starts.ts';
import { localSteps } from './local-steps.ts';
import { causeOf, timerColumns, type FoundTimer } from '../postgres/saga-rows.ts';
import { sagaOperations, type SagaOperations } from './operate.ts';
import { reportTimer, inputTaker } from './take-input.ts';
import { fireProcess, registerProcesses, topicsByStart } from './timed-processes.ts';
import { timerDriver } from './timer-driver.ts';

export interface SagaEngine {
  /**
   * The handlers for the consumer runtime, one for each message type that starts, answers or
   * cancels a saga.
   */
  readonly handlers: readonly MessageHandler[];
  /**
   * Every topic that the sagas or the timed processes read, or that the sagas send commands to. They
   * must exist before the consumer starts.
   */
  readonly topics: readonly string[];
  /**
   * Learns from the consumer runtime which partitions this process owns, and so which timers it
   * fires.
   */
  readonly ownership: OwnershipListener;
  /**
   * Keeps the consumer runtime from skipping messages that only an unregistered version reacts to.
   */
  readonly skipGuard: SkipGuard;
  /** The service calls it with the messages that it has written to its outbox (`Recorder.startSagas`). */
  readonly startFrom: StartFrom;
  readonly timers: { start(): void; stop(): Promise<void> };
  /** Describes the progress of a saga. Resolves to undefined if no saga has this id. */
  readonly inspect: InspectSaga;
  /** Shows sagas to operators, and carries out their actions. */
  readonly operations: SagaOperations;
  /**
   * Returns the versions of live instances that this process does not know because a later release
   * has started them. A watch raises an alarm for them.
   */
  unknownLiveVersions(database: Queryable): Promise<readonly LiveVersion[]>;
  /** Describes every definition and version that this process knows, and counts its live instances. */
  registeredDefinitions(database: Queryable): Promise<readonly RegisteredDefinition[]>;
  /** Stops and continues many sagas at once, for operators. */
  readonly holds: HoldOperations;
  /**
   * Reads what operators hold back. Rejects with `SagaError` while a live instance needs a version that
   * is not registered. Call it before the consumer starts.
   */
  prepare(database: Queryable): Promise<void>;
}

/**
 * Runs sagas over messages and durable timers. Each input is one transaction: the saga's events,
 * its timers, the commands in the outbox, its row in `saga_instance` and the consumer's offset
 * commit together. Nothing is kept in memory, so a restarted process resumes where the last commit
 * left off. The engine needs the tables of `sagaMigrations`.
 */
export function createSagaEngine(options: SagaEngineOptions): SagaEngine {
  const { database, clock, store, logger = silentLogger } = options;
  const definitions = registerDefinitions(options.definitions, options.startVersions);
  const processes = registerProcesses(options.timedProcesses ?? [], definitions);
  const startTopics = topicsByStart(definitions, processes);
  const holds = sagaHolds({ clock, logger }, definitions);
  const steps = localSteps(options, definitions, inputTaker(options, definitions, holds.current));
  const settings = { ...defaultSagaSettings, ...defaultTimerSettings, ...options.settings };
  const shortestMs = Math.min(
    shortestTimeout(definitions.versions, settings),
    ...[...processes.values()].map((process) => process.shortestMs),
  );
  const timeoutMs = Math.max(settings.timerPollMsMin, shortestMs);
  const { ownership, start, stop } = timerDriver({
    database,
    clock,
    logger,
    settings: { ...settings, timerPollMsMax: Math.min(settings.timerPollMsMax, timeoutMs) },
    topicsByStart: startTopics,
    holds,
    fire,
  });

  /**
   * Fires timers. The offset row is already locked. This function locks the streams of the sagas
   * and the processes, and then the rows of the timers.
   */
  async function fire(
    transaction: SqlTransaction,
    timers: readonly FoundTimer[],
    mayGoOn: () => boolean,
  ): Promise<void> {
    const streams = timers.flatMap(
      ({ definition, saga_id: id }) =>
        processes.get(definition)?.locks(id) ?? streamsOf(options, definition, id),
    );
    await lockStreams(transaction, [...new Set(streams)]);
    const { rows } = await transaction.query<{ place: number }>(TIMERS_STILL_DUE, [
      ...timerColumns(timers),
      new Date(clock.now()),
    ]);
    // For the other timers, a reply or another owner came first.
    const stillDue = new Set(rows.map(({ place }) => place));
    for (const [place, timer] of timers.entries())
      if (stillDue.has(place) && mayGoOn())
        await reportTimer(timer, (trace) => fireOne(transaction, timer, trace));
  }

  async function fireOne(transaction: SqlTransaction, timer: FoundTimer, trace: TraceContext): Promise<void> {
    const { definition: name, saga_id: sagaId, step, token, partition, withheld } = timer;
    const process = processes.get(name);
    if (process !== undefined) return fireProcess(transaction, process, timer, { trace, now: clock.now() });
    const causationId = causeOf(timer);
    const what = `timer ${step}`;
    const change = await steps.takeAgain(transaction, {
      name,
      sagaId,
      causationId,
      trace,
      partition,
      what,
      toInput: (_definition, at) => ({ type: 'timer', token, withheld, at }),
    });
    if (change !== undefined)
      transaction.onEnd((committed) => {
        if (committed) reportLifecycle(change, clock.now());
      });
  }

  return Object.freeze({
    handlers: messageHandlers(definitions, options, steps),
    topics: [...new Set([...definitions.topics, ...[...startTopics.values()].flat()])],
    ownership,
    skipGuard: guardUnknownVersions(definitions),
    startFrom: localStarts(definitions, steps.take),
    timers: { start, stop },
    inspect: sagaInspector(store, definitions),
    operations: sagaOperations(options, definitions, steps),
    holds,
    unknownLiveVersions: (connection: SqlTransaction) => unknownLiveVersions(definitions, connection),
    registeredDefinitions: (connection: Queryable) => registeredDefinitions(definitions, connection),
    async prepare(connection: SqlTransaction) {
      await assertLiveVersionsKnown(definitions, connection);
      await holds.current(connection);
    },
  });
}
