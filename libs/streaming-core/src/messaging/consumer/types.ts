import type { CloudEventAttributes, Message, MessageDeclaration } from '../../contract/index.ts';
import type { SqlTransaction } from '../../postgres/index.ts';
import type { TopicPartition } from '../../client/index.ts';
import type { RetryPolicy } from './parking/retry-policy.ts';

/** What a handler is told about its message. Everything it writes goes through `transaction`; it does no other I/O. */
export interface MessageContext extends CloudEventAttributes, TopicPartition {
  readonly offset: bigint;
  readonly key: string;
  readonly transaction: SqlTransaction;
}

/** One message type, one handler. Registering two for the same (topic, type) is refused. */
export interface MessageHandler<M extends Message = Message> {
  readonly message: MessageDeclaration;
  /** Streams that handling this message reads or writes: locked in sorted order for the whole batch before the first handler runs. */
  locks?(message: M, context: Omit<MessageContext, 'transaction'>): readonly string[];
  /**
   * Where it differs from the group's: how long a message that fails is tried again in place, and
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
  /** Told once after the batch was committed, not for a copy; not told when the process dies, or the answer to COMMIT is lost. For log lines. */
  committed?(message: M, context: Omit<MessageContext, 'transaction'>): void;
}

/** A message that nobody here handles, on a topic where that is no mistake. */
export interface SkippedMessage extends TopicPartition {
  readonly offset: bigint;
  readonly key: string;
  readonly type: string;
}

/**
 * Looks at messages before the offset moves past them, in the transaction that moves it, in one call for a whole batch. Throws
 * `BlockedError` to keep them on the log for a process that handles them.
 */
export type SkipGuard = (transaction: SqlTransaction, skipped: readonly SkippedMessage[]) => Promise<void>;

/** How a batch takes its stream locks, in one statement: event-sourcing gives the implementation, so that append and batch lock alike. */
export type LockStreams = (transaction: SqlTransaction, streams: readonly string[]) => Promise<void>;

/** A partition that this process owns now. The epoch fences whoever owned it before. */
export interface OwnedPartition extends TopicPartition {
  readonly epoch: bigint;
  /**
   * The last moment (by the process's clock, in Unix milliseconds) whose messages are all handled: the offsets committed in PostgreSQL for this
   * partition number of each topic have reached the ends that the log had then. `-Infinity` where there was none since the last
   * disruption. New ends are asked for only once the earlier ones are reached, so that it advances under any load.
   */
  caughtUpTo(topics: readonly string[]): Promise<number>;
  /**
   * Those of `keys` that have a parked message of this group on one of `topics`: in one query,
   * however many they are.
   */
  parkedAmong(topics: readonly string[], keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** A transaction and unit of work whose first statement takes the epoch-checked offset row; rejects with `FencedError` when the epoch has moved on. */
  transaction<Result>(work: (transaction: SqlTransaction) => Promise<Result>): Promise<Result>;
}

export interface OwnershipListener {
  /** After an assignment, and after a fetch that failed: replies may be late through no fault of theirs. */
  onDisrupted?(partition: OwnedPartition): Promise<void>;
  onOwned?(partition: OwnedPartition): void;
  /** No transaction of `partition` may start after this has resolved. */
  onLost?(partition: TopicPartition): Promise<void>;
}

export interface ConsumerRuntime {
  /** Resolves once the group has given its first assignment. */
  start(): Promise<void>;
  /** Finishes the batches in flight, leaves the group, and is idempotent. */
  stop(): Promise<void>;
  addOwnershipListener(listener: OwnershipListener): void;
}
