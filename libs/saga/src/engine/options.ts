import type { EventStore } from '@millrace/event-sourcing';
import type { Clock, Logger } from '@millrace/streaming-core/runtime';
import type { AppendToOutbox } from '@millrace/streaming-core/outbox';
import type { SqlDatabase, SqlTransaction } from '@millrace/streaming-core/postgres';
import type { SagaSettings } from '../decision/settings.ts';
import type { SagaDefinition } from '../definition/definition.ts';
import type { StartVersions } from './definitions.ts';

export interface SagaEngineOptions {
  /** Every version that may still have live instances. */
  readonly definitions: readonly SagaDefinition[];
  /**
   * The version that new instances start with, by the saga's name; the newest of a name that is left out. So a release can learn a
   * version before any process starts it.
   */
  readonly startVersions?: StartVersions;
  readonly store: EventStore;
  readonly appendToOutbox: AppendToOutbox;
  /** Where due timers are looked for; what they do runs in their owner's transactions. */
  readonly database: SqlDatabase;
  /**
   * Reads the personal data that commands are built from, in the transaction that sends them; checked by the definition's schema.
   * It is not stored by the saga.
   */
  personal?(transaction: SqlTransaction, sagaId: string, definition: string): Promise<unknown>;
  /** Streams beside the saga's own that an input reads or writes, such as the one that `personal` reads. */
  alsoLocks?(sagaId: string, definition: string): readonly string[];
  /** `ce_source` of the commands: `/millrace/order`. */
  readonly source: string;
  readonly clock: Clock;
  /** UUIDv7. */
  readonly newId: () => string;
  readonly settings?: Partial<SagaSettings & TimerSettings>;
  readonly logger?: Logger;
}

export interface TimerSettings {
  /** Bounds of the pause between two looks at the timers. */
  readonly timerPollMsMin: number;
  readonly timerPollMsMax: number;
  /** The pause while a due timer waits until what stood on the log when it came due is handled. */
  readonly catchUpPollMs: number;
  /** Timers of one partition that one look fires. */
  readonly timerBatchMax: number;
  /** Timers that fire in one transaction. */
  readonly timersPerTransactionMax: number;
  /**
   * How long a timer waits that failed to fire, or whose saga has a parked message, so that it
   * holds up no other.
   */
  readonly timerRetryDelayMs: number;
}

export const defaultTimerSettings: TimerSettings = Object.freeze({
  timerPollMsMin: 20,
  timerPollMsMax: 1_000,
  catchUpPollMs: 100,
  timerBatchMax: 100,
  timersPerTransactionMax: 25,
  timerRetryDelayMs: 5_000,
});
