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

/**
 * A handler of one message type. An event may have several: they run one after the other, in the
 * order in which they are registered, in one transaction and unit of work, and an error of one fails
 * the message for all of them. A command has one handler, because it has one owner.
 */
export interface MessageHandler<M extends Message = Message> {
  readonly message: MessageDeclaration;
  /**
   * Limits the handler to messages with this `saga` attribute. A message that no handler takes is
   * skipped like one without a handler: it gets no transaction and no row in the inbox.
   */
  readonly saga?: string;
  /**
   * Returns the streams that `handle` reads or writes. They are locked in sorted order for the
   * whole batch before the first handler runs.
   */
  locks?(message: M, context: Omit<MessageContext, 'transaction'>): readonly string[];
  /**
   * Overrides fields of the group's policy for how long a failing message is retried in place and
   * then parked with its key. Of several handlers of a message, only one may have it.
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
 * Finds the handler of a message by topic, type and saga. Several handlers of one event are found as one.
 * On command topics every message must have a handler.
 */
export interface HandlerTable {
  find(topic: string, message: Pick<CloudEventAttributes, 'type' | 'saga'>): MessageHandler | undefined;
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
  const nameOf = (topic: string, type: string) => `${topic} ${type}`;
  const commands = new Set(commandTopics);
  const byName = Map.groupBy(handlers, ({ message }) => nameOf(message.topic.name, message.type));
  const table = new Map<string, HandlersOfMessage>();
  for (const [name, [first, ...others]] of byName) {
    if (first === undefined) continue;
    if (others.length > 0 && commands.has(first.message.topic.name)) throw twoOwners(first);
    table.set(name, handlersOfMessage([first, ...others]));
  }
  return {
    find(topic, { type, saga }) {
      const found = table.get(nameOf(topic, type));
      return (saga === undefined ? undefined : found?.bySaga.get(saga)) ?? found?.ofAny;
    },
    isCommandTopic: (topic) => commands.has(topic),
  };
}

/** The handlers of one message type, each made of all that take the message. */
interface HandlersOfMessage {
  /** Takes messages of the sagas that are not named. Absent if every handler names one. */
  readonly ofAny: MessageHandler | undefined;
  readonly bySaga: ReadonlyMap<string, MessageHandler>;
}

function handlersOfMessage(handlers: readonly MessageHandler[]): HandlersOfMessage {
  const takenBy = (wanted: string | undefined): MessageHandler | undefined => {
    const [first, ...others] = handlers.filter(({ saga }) => saga === undefined || saga === wanted);
    return first === undefined || others.length === 0 ? first : oneAfterTheOther([first, ...others]);
  };
  const named = handlers.flatMap(({ saga }) => saga ?? []);
  return {
    ofAny: takenBy(undefined),
    bySaga: new Map(named.flatMap((saga) => [[saga, takenBy(saga)!] as const])),
  };
}

/** Makes one handler of the handlers of one event. */
function oneAfterTheOther(handlers: readonly [MessageHandler, ...MessageHandler[]]): MessageHandler {
  const [{ message }] = handlers;
  const [retry, secondRetry] = handlers.flatMap((handler) => handler.retry ?? []);
  if (secondRetry !== undefined) throw twoRetryPolicies(handlers[0]);
  const repeating = handlers.filter(({ handleDuplicate }) => handleDuplicate !== undefined);
  return {
    message,
    retry,
    locks: (event, context) => handlers.flatMap((handler) => handler.locks?.(event, context) ?? []),
    async handle(event, context) {
      for (const handler of handlers) await handler.handle(event, context);
    },
    ...(repeating.length > 0 && {
      async handleDuplicate(event: Message, context: MessageContext) {
        for (const handler of repeating) await handler.handleDuplicate?.(event, context);
      },
    }),
    committed: (event, context) => tellEach(handlers, event, context),
  };
}

/** Calls every callback, even if one of them throws, and then throws what they have thrown. */
function tellEach(
  handlers: readonly MessageHandler[],
  event: Message,
  context: Omit<MessageContext, 'transaction'>,
): void {
  const errors: unknown[] = [];
  for (const handler of handlers)
    try {
      handler.committed?.(event, context);
    } catch (error) {
      errors.push(error);
    }
  if (errors.length > 0) throw new AggregateError(errors, errors.map(String).join('; '));
}

const twoOwners = ({ message: { topic, type } }: MessageHandler) =>
  new ConsumerError(
    'duplicate_handler',
    `${topic.name}: the command ${type} has two handlers; keep one, because a command has one owner`,
  );

const twoRetryPolicies = ({ message: { topic, type } }: MessageHandler) =>
  new ConsumerError(
    'duplicate_retry',
    `${topic.name}: two handlers of ${type} have the option retry; keep one of them, ` +
      'because the message is retried for all of its handlers',
  );
