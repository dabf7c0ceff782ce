import type { EventStore } from '@millrace/event-sourcing';
import type { Clock, Logger } from '@millrace/streaming-core/runtime';
import type { AppendToOutbox, OutboxMessage } from '@millrace/streaming-core/outbox';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import type { SagaSettings } from '../decision/settings.ts';
import type { SagaDefinition } from '../definition/definition.ts';
import type { StartVersions } from './definitions.ts';
import type { TimedProcess } from './timed-processes.ts';

export interface SagaEngineOptions {
  /** Every version that may still have live instances. */
  readonly definitions: readonly SagaDefinition[];
  /**
   * The version that new instances start with, by the saga's name. The default is the newest
   * version. With this, a release can learn a version before any process starts instances with it.
   */
  readonly startVersions?: StartVersions;
  /** The processes that are not sagas and whose timers the engine fires. */
  readonly timedProcesses?: readonly TimedProcess[];
  readonly store: EventStore;
  readonly appendToOutbox: AppendToOutbox;
  /**
   * The database to search for due timers. A timer fires in a transaction of its partition's owner.
   */
  readonly database: SqlDatabase;
  /**
   * Reads the personal data that commands are built from, in the transaction that sends them. Called
   * only for a definition that declares `personal`, whose schema checks the data. The saga does not
   * store it. If it resolves to `erased`,
   * commands that need the data are not sent, so that their steps time out.
   */
  personal?(transaction: SqlTransaction, sagaId: string, definition: string): Promise<unknown>;
  /**
   * Returns the streams, other than the saga's own, that an input reads or writes, such as the one
   * that `personal` reads.
   */
  alsoLocks?(sagaId: string, definition: string): readonly string[];
  /**
   * Decides the command of a local pivot in the given transaction, which holds the lock of every
   * stream that `alsoLocks` returns. Resolves to the messages that it has written to the outbox.
   * One of them is the reply, with the command's id as its causation. Required if a pivot is local.
   */
  local?(
    transaction: SqlTransaction,
    command: OutboxMessage,
    definition: string,
  ): Promise<readonly OutboxMessage[]>;
  /** The `ce_source` of the commands, such as `/millrace/order`. */
  readonly source: string;
  readonly clock: Clock;
  /** Returns a new UUIDv7. */
  readonly newId: () => string;
  readonly settings?: Partial<SagaSettings & TimerSettings>;
  readonly logger?: Logger;
}

export interface TimerSettings {
  /**
   * The bounds of the pause between two polls of the timers. A pause is at most as long as the
   * shortest timeout of a step, so that a poll finds each timer before it is due.
   */
  readonly timerPollMsMin: number;
  readonly timerPollMsMax: number;
  /**
   * The pause between polls while a due timer waits until everything that was on the log when it
   * came due has been handled.
   */
  readonly catchUpPollMs: number;
  /** The maximum number of timers of one partition that one poll fires. */
  readonly timerBatchMax: number;
  /** The maximum number of timers that fire in one transaction. */
  readonly timersPerTransactionMax: number;
  /**
   * How long a timer is postponed if it fails to fire or its saga has a parked message, so that it
   * does not hold up others.
   */
  readonly timerRetryDelayMs: number;
}

/** The timings of a service that names no others, in milliseconds. */
export const defaultTimerSettings: TimerSettings = Object.freeze({
  timerPollMsMin: 20,
  timerPollMsMax: 5_000,
  catchUpPollMs: 100,
  timerBatchMax: 100,
  timersPerTransactionMax: 25,
  timerRetryDelayMs: 5_000,
});
