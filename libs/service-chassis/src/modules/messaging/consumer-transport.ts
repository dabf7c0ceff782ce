import type {
  ConsumerRuntime,
  MessageContext,
  MessageHandler,
  RetryPolicy,
} from '@millrace/streaming-core/consumer';
import {
  traceOf,
  type Message,
  type TraceContext,
  type MessageDeclaration,
  type MessageType,
} from '@millrace/streaming-core/contract';
import type { Logger } from '@millrace/streaming-core/runtime';
import {
  Server,
  type MessageHandler as NestHandler,
  Ctx,
  EventPattern,
  Payload,
} from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { StreamSet } from '@millrace/event-sourcing';
import { ServiceError } from '../../ground/errors.ts';
import type { CommandHandler } from '../events/command-handler.ts';
import {
  subjectOf,
  type LogSubject,
  runInContext,
  type RequestContext,
} from '../../ground/logging/request-context.ts';

interface HandlesOptions<M extends Message> {
  /** Limits the method to messages with this `saga` attribute, which costs the other messages nothing. */
  readonly saga?: string;
  /**
   * Returns the streams that handling reads or writes. Must be a pure function of the message and its
   * context.
   */
  locks?(message: M, context: Omit<MessageContext, 'transaction'>): readonly string[];
  /**
   * Returns the streams that hold the answer to this command; `locks` must name them as well. When
   * the command arrives again, its answer is published again from these streams (see
   * `repeatAnswer`), which repairs a lost reply. Without it, a command is answered once.
   */
  answers?(message: M): StreamSet;
  /**
   * Overrides the service's settings: how long a failing message is retried in place, and then
   * parked with its key. Of several handlers of an event, only one may have it.
   */
  readonly retry?: Partial<RetryPolicy>;
}

/** The metadata that `@Handles` leaves with Nest for the transport. */
interface HandledMessage {
  readonly message: MessageDeclaration;
  readonly saga?: string | undefined;
  readonly locks?: MessageHandler['locks'];
  readonly answers?: (message: Message) => StreamSet;
  readonly retry?: Partial<RetryPolicy>;
}

const HANDLED_MESSAGE = 'millraceMessage';

/** A method as Nest hands it over. */
interface Method {
  readonly pattern: unknown;
  readonly call: NestHandler;
  /** Absent if the method is not marked `@Handles`. */
  readonly handled: HandledMessage | undefined;
}

type HandlerMethod<M extends Message> = (message: M, context: MessageContext) => Promise<unknown>;

/**
 * Marks a method `(message, context)` as a handler of a message. It runs inside the batch's
 * transaction, so its effect happens once, and must do no other I/O. A `TerminalError` makes the
 * message a dead letter; any other error is retried as `retry` says. Applies Nest's
 * `@EventPattern`, `@Payload` and `@Ctx` itself.
 *
 * Several handlers of an event run in one transaction: first the methods, in the order of their
 * controllers, and then the `reactions` of the `MessagingModule`. An error of one fails the message
 * for all. The service does not start (`duplicate_handler`) if a command has two handlers.
 *
 * @example
 * ```ts
 * import { Controller } from '@nestjs/common';
 * import { Handles } from '@millrace/service-chassis/messages';
 * import type { MessageOf } from '@millrace/streaming-core/contract';
 *
 * @Controller()
 * export class TripMessages {
 *   @Handles(tripCommands.BookRoom, { locks: ({ tripId }) => [`trip-${tripId}`] })
 *   async book(command: MessageOf<typeof tripCommands.BookRoom>): Promise<void> {
 *     await Promise.resolve(command.tripId);
 *   }
 * }
 * ```
 */
export function Handles<Type extends string, Fields extends object>(
  message: MessageType<Type, Fields>,
  { saga, locks, answers, retry }: HandlesOptions<NoInfer<Message<Type, Fields>>> = {},
) {
  const handled = { message, saga, locks, answers, retry };
  return <Method extends HandlerMethod<Message<Type, Fields>>>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<Method>,
  ): void => {
    const pattern = { topic: message.topic.name, type: message.type };
    EventPattern<typeof pattern>(pattern, { [HANDLED_MESSAGE]: handled })(target, key, descriptor);
    Payload()(target, key, 0);
    Ctx()(target, key, 1);
  };
}

const invalidHandlers = (message: string): ServiceError => new ServiceError('invalid_handlers', message);

type CreateRuntime = (handlers: readonly MessageHandler[]) => ConsumerRuntime;

export interface ConsumerTransportOptions {
  readonly createRuntime: CreateRuntime;
  readonly logger: Logger;
  /** Handlers in addition to the methods marked `@Handles`. */
  readonly extraHandlers?: readonly MessageHandler[];
  readonly logSubject?: LogSubject;
  /** Required when a method names the streams of its answer. */
  readonly repeatAnswer?: CommandHandler['repeatAnswer'];
}

/**
 * Nest's view of the consumer runtime. It hands the methods marked `@Handles` to the runtime as
 * handlers. Errors reach the runtime as they were thrown (see `ProblemFilter`), because the runtime
 * decides whether to retry, fence or give up.
 */
export class ConsumerTransport extends Server {
  override readonly transportId = Symbol('millrace consumer');
  override readonly propagatesEventHandlerErrors = true;
  readonly #createRuntime: CreateRuntime;
  readonly #extraHandlers: readonly MessageHandler[];
  readonly #logger: Logger;
  readonly #logSubject: LogSubject;
  readonly #repeatAnswer: CommandHandler['repeatAnswer'] | undefined;
  readonly #methods: Method[] = [];
  #runtime: ConsumerRuntime | undefined;
  #closing: Promise<void> | undefined;
  #running = false;

  constructor({
    createRuntime,
    logger,
    extraHandlers = [],
    logSubject,
    repeatAnswer,
  }: ConsumerTransportOptions) {
    super();
    this.#repeatAnswer = repeatAnswer;
    this.#logSubject = logSubject;
    this.#logger = logger;
    this.#createRuntime = createRuntime;
    this.#extraHandlers = extraHandlers;
  }

  /** Collects the methods. Nest would link those of one message and run them side by side. */
  override addHandler(
    pattern: unknown,
    call: NestHandler,
    _isEvent?: boolean,
    extras: Readonly<Record<string, unknown>> = {},
  ): void {
    const handled = extras[HANDLED_MESSAGE] as HandledMessage | undefined;
    this.#methods.push({ pattern, call, handled });
  }

  /** Calls back once the runtime is running, or with the error that prevented its start. */
  listen(callback: (error?: unknown) => void): void {
    this.#start().then(() => callback(), callback);
  }

  /** Finishes the batches in flight. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= Promise.resolve(this.#runtime?.stop());
    return this.#closing;
  }

  /**
   * Whether the group has given its first assignment and nobody has asked the transport to stop.
   */
  get running(): boolean {
    return this.#running && this.#closing === undefined;
  }

  on(): never {
    throw invalidHandlers(
      'the transport has no events: subscribe to the consumer on node:diagnostics_channel',
    );
  }

  unwrap<Runtime>(): Runtime {
    return this.#runtime as Runtime;
  }

  async #start(): Promise<void> {
    const handlers = [...this.#adapted(), ...this.#extraHandlers];
    if (handlers.length === 0) return;
    const last = new Map(handlers.map((handler) => [nameOf(handler), handler]));
    this.#runtime = this.#createRuntime(
      handlers.map((handler) =>
        inContext(handler, {
          logSubject: this.#logSubject,
          logger: handler === last.get(nameOf(handler)) ? this.#logger : undefined,
        }),
      ),
    );
    await this.#runtime.start();
    this.#running = true;
  }

  #adapted(): readonly MessageHandler[] {
    return this.#methods.map(({ pattern, call, handled }) => {
      if (handled === undefined)
        throw invalidHandlers(`${JSON.stringify(pattern)}: use @Handles(messageType), not @EventPattern`);
      return { ...adapt(handled, call), ...this.#answersAgain(handled) };
    });
  }

  #answersAgain({ message, answers }: HandledMessage): Pick<MessageHandler, 'handleDuplicate'> {
    if (answers === undefined) return {};
    const repeatAnswer = this.#repeatAnswer;
    if (repeatAnswer === undefined)
      throw invalidHandlers(
        `${message.type} names the streams of its answer, but the service has no event store: import EventStoreModule`,
      );
    return {
      handleDuplicate: async (command, context) => {
        const streams = await repeatAnswer(context, answers(command));
        const { topic, partition, offset } = context;
        if (streams.length > 0)
          this.#logger.warn(
            { type: message.type, topic, partition, offset: String(offset), streams },
            'the answer to a repeated command is too far back in a long stream to be published again: ' +
              'record it in a shorter stream, or use `withoutState` if its messages need no state',
          );
      },
    };
  }
}

const nameOf = ({ message: { topic, type } }: MessageHandler): string => `${topic.name} ${type}`;

function adapt({ message, saga, locks, retry }: HandledMessage, nestHandler: NestHandler): MessageHandler {
  return {
    message,
    retry,
    ...(saga !== undefined && { saga }),
    ...(locks === undefined ? {} : { locks }),
    async handle(payload, context) {
      const result: unknown = await nestHandler(payload, context);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
    },
  };
}

/**
 * Runs a handler in the message's context, so that log lines and appended events carry its
 * correlation id. With a logger, it logs one line when the message is committed.
 */
function inContext(
  handler: MessageHandler,
  { logSubject, logger }: { readonly logSubject: LogSubject; readonly logger: Logger | undefined },
): MessageHandler {
  const contextOf = (message: Message, context: Omit<MessageContext, 'transaction'>) =>
    requestContextOf(message, context, logSubject);
  return {
    ...handler,
    handle: (message, context) =>
      runInContext(contextOf(message, context), () => handler.handle(message, context)),
    ...(handler.handleDuplicate && {
      handleDuplicate: (message: Message, context: MessageContext) =>
        runInContext(contextOf(message, context), async () => handler.handleDuplicate?.(message, context)),
    }),
    committed: (message, context) =>
      runInContext(contextOf(message, context), () => {
        handler.committed?.(message, context);
        const { topic, partition, offset } = context;
        logger?.info({ type: message.type, topic, partition, offset: String(offset) }, 'handled');
      }),
  };
}

const requestContextOf = (
  message: Message,
  { id, correlationId, ...context }: Pick<MessageContext, 'id' | 'correlationId' | keyof TraceContext>,
  logSubject: LogSubject,
): RequestContext => ({
  correlationId,
  causationId: id,
  ...traceOf(context),
  ...subjectOf(logSubject, message),
});
