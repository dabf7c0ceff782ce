import type { StreamSet } from '@millrace/event-sourcing';
import type { Message, MessageDeclaration, MessageType } from '@millrace/streaming-core/contract';
import type { MessageContext, RetryPolicy } from '@millrace/streaming-core/consumer';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';

export interface HandlesOptions<M extends Message> {
  /** Streams that handling reads or writes: a pure function of the message (DESIGN 3.2). */
  locks?(message: M): readonly string[];
  /**
   * Streams that hold the answer to this command; `locks` names them, too. When the command arrives
   * again, its answer is published again from there (see `repeatAnswer`), which repairs a lost
   * reply. Without it, a command is answered once.
   */
  answers?(message: M): StreamSet;
  /**
   * Where it differs from the service's settings: how long a message that fails is tried again in
   * place, and then parked with its key.
   */
  readonly retry?: Partial<RetryPolicy>;
}

/** What `@Handles` leaves with Nest for the transport. */
export interface HandledMessage {
  readonly message: MessageDeclaration;
  readonly locks?: (message: Message) => readonly string[];
  readonly answers?: (message: Message) => StreamSet;
  readonly retry?: Partial<RetryPolicy>;
}

export const HANDLED_MESSAGE = 'millraceMessage';

type HandlerMethod<M extends Message> = (message: M, context: MessageContext) => Promise<unknown>;

/**
 * This method handles this message: `(message, context)`, inside the batch's transaction, with no other I/O than that. Applies Nest's
 * `@EventPattern`, `@Payload` and `@Ctx` itself. One method per message type in a service; the transport refuses a second.
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
