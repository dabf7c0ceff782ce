import type { StreamSet } from '@millrace/event-sourcing';
import type { Message, MessageDeclaration, MessageType } from '@millrace/streaming-core/contract';
import type { MessageContext, RetryPolicy } from '@millrace/streaming-core/consumer';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';

export interface HandlesOptions<M extends Message> {
  /** Returns the streams that handling reads or writes. Must be a pure function of the message. */
  locks?(message: M): readonly string[];
  /**
   * Returns the streams that hold the answer to this command; `locks` must name them as well. When
   * the command arrives again, its answer is published again from these streams (see
   * `repeatAnswer`), which repairs a lost reply. Without it, a command is answered once.
   */
  answers?(message: M): StreamSet;
  /**
   * Overrides the service's settings: how long a failing message is retried in place, and then
   * parked with its key.
   */
  readonly retry?: Partial<RetryPolicy>;
}

/** The metadata that `@Handles` leaves with Nest for the transport. */
export interface HandledMessage {
  readonly message: MessageDeclaration;
  readonly locks?: (message: Message) => readonly string[];
  readonly answers?: (message: Message) => StreamSet;
  readonly retry?: Partial<RetryPolicy>;
}

export const HANDLED_MESSAGE = 'millraceMessage';

type HandlerMethod<M extends Message> = (message: M, context: MessageContext) => Promise<unknown>;

/**
 * Marks a method `(message, context)` as the handler of a message. It runs inside the batch's
 * transaction and must do no other I/O. Applies Nest's `@EventPattern`, `@Payload` and `@Ctx`
 * itself. A service has one method per message type; the transport rejects a second.
 */
export function Handles<Type extends string, Fields extends object>(
  message: MessageType<Type, Fields>,
  { locks, answers, retry }: HandlesOptions<NoInfer<Message<Type, Fields>>> = {},
) {
  const handled = { message, locks, answers, retry };
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
