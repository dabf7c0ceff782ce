import type { CloudEventAttributes, Message, MessageDeclaration } from '../../contract/index.ts';
import type { SqlTransaction } from '../../postgres/index.ts';
import type { TopicPartition } from '../../client/index.ts';
import type { RetryPolicy } from './parking/retry-policy.ts';

/**
 * The context of a message that its handler receives. The handler writes everything through
 * `transaction` and does no other I/O.
 */
export interface MessageContext extends CloudEventAttributes, TopicPartition {
  readonly offset: bigint;
  readonly key: string;
  readonly transaction: SqlTransaction;
}

/** The handler of one message type. Two handlers for the same topic and type are rejected. */
export interface MessageHandler<M extends Message = Message> {
  readonly message: MessageDeclaration;
  /**
   * Returns the streams that `handle` reads or writes. They are locked in sorted order for the
   * whole batch before the first handler runs.
   */
  locks?(message: M, context: Omit<MessageContext, 'transaction'>): readonly string[];
  /**
   * Overrides fields of the group's policy for how long a failing message is retried in place and
   * then parked with its key.
   */
  readonly retry?: Partial<RetryPolicy>;
  /**
   * Runs inside the batch's transaction and unit of work. `TerminalError` sends the message to the
   * dead letters, and `BlockedError` blocks its partition. Anything else is retried.
   */
  handle(message: M, context: MessageContext): Promise<void>;
  /**
   * Called instead of `handle` for a message that an earlier batch has handled, inside the batch's
   * transaction and unit of work. A message may have many copies: it is called for one of them per
   * `duplicateEveryMs`. Without it, copies have no effect.
   */
  handleDuplicate?(message: M, context: MessageContext): Promise<void>;
  /**
   * Called once after the batch was committed, and not for a copy. It is not called if the process
   * dies or the answer to COMMIT is lost. Use it for log lines.
   */
  committed?(message: M, context: Omit<MessageContext, 'transaction'>): void;
}

/** A message without a handler, on a topic where that is not an error. */
export interface SkippedMessage extends TopicPartition {
  readonly offset: bigint;
  readonly key: string;
  readonly type: string;
}

/**
 * Checks skipped messages in the transaction that moves the offset past them, in one call for a
 * whole batch. It throws `BlockedError` to keep them on the log for a process that handles them.
 */
export type SkipGuard = (transaction: SqlTransaction, skipped: readonly SkippedMessage[]) => Promise<void>;

/**
 * Locks the streams of a batch in one statement. `libs/event-sourcing` provides the implementation,
 * so that appends and batches take the same locks.
 */
export type LockStreams = (transaction: SqlTransaction, streams: readonly string[]) => Promise<void>;

/** A partition that this process owns now. Its epoch fences the previous owner. */
export interface OwnedPartition extends TopicPartition {
  readonly epoch: bigint;
  /**
   * Returns the last known moment, by the process's clock in Unix milliseconds, before which all
   * messages are handled: the offsets committed in PostgreSQL for this partition number of each
   * topic have reached the ends that the log had then. Returns `-Infinity` if there was no such
   * moment since the last disruption. It reads new ends only once the earlier ones are reached, so
   * the moment advances under any load.
   */
  caughtUpTo(topics: readonly string[]): Promise<number>;
  /**
   * Returns those of `keys` that have a parked message of this group on one of `topics`. It needs
   * one query, however many keys there are.
   */
  parkedAmong(topics: readonly string[], keys: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Runs `work` in a transaction and unit of work whose first statement locks the offset row and
   * checks its epoch. Rejects with `FencedError` if the epoch has changed.
   */
  transaction<Result>(work: (transaction: SqlTransaction) => Promise<Result>): Promise<Result>;
}

export interface OwnershipListener {
  /**
   * Called after an assignment and after a failed fetch, when replies may be late because of this
   * process or the log.
   */
  onDisrupted?(partition: OwnedPartition): Promise<void>;
  onOwned?(partition: OwnedPartition): void;
  /** No transaction of `partition` may start after this has resolved. */
  onLost?(partition: TopicPartition): Promise<void>;
}

export interface ConsumerRuntime {
  /** Resolves once the group has given its first assignment. */
  start(): Promise<void>;
  /** Finishes the batches in flight and leaves the group. Idempotent. */
  stop(): Promise<void>;
  addOwnershipListener(listener: OwnershipListener): void;
}
