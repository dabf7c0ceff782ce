import type { CloudEventAttributes, Message, MessageDeclaration } from '../../contract/index.ts';
import type { SqlTransaction } from '../../postgres/index.ts';
import type { TopicPartition } from '../../client/index.ts';
import type { RetryPolicy } from './limits.ts';
import { ConsumerError } from './consumer-error.ts';

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

/**
 * Finds the handler of a message by topic and type. On command topics every message must have one.
 */
export interface HandlerTable {
  find(topic: string, type: string): MessageHandler | undefined;
  isCommandTopic(topic: string): boolean;
}

export function createHandlerTable(
  handlers: readonly MessageHandler[],
  commandTopics: readonly string[],
): HandlerTable {
  if (handlers.length === 0)
    throw new ConsumerError(
      'no_handlers',
      'a consumer without handlers would skip every message; pass at least one handler',
    );
  const byName = new Map<string, MessageHandler>();
  const nameOf = (topic: string, type: string) => `${topic} ${type}`;
  for (const handler of handlers) {
    const { topic, type } = handler.message;
    if (byName.has(nameOf(topic.name, type)))
      throw new ConsumerError(
        'duplicate_handler',
        `${topic.name}: ${type} has two handlers; register one handler that does the work of both`,
      );
    byName.set(nameOf(topic.name, type), handler);
  }
  const commands = new Set(commandTopics);
  return {
    find: (topic, type) => byName.get(nameOf(topic, type)),
    isCommandTopic: (topic) => commands.has(topic),
  };
}
