import { appendToOutbox, type OutboxMessage } from '@millrace/streaming-core/outbox';
import type { Message, MessageDeclaration, MessageType } from '@millrace/streaming-core/contract';
import type { DomainEvent } from './decider.ts';
import type { EventMetadata } from './event-store.ts';
import type { Publish } from './projection.ts';

/** A message that a private event becomes for others. */
export interface PublicMessage {
  readonly messageType: MessageDeclaration;
  readonly key: string;
  readonly message: Message;
}

/** Validates and keys a message; throws `ZodError` naming the field: `toPublic(orderEvents.OrderCompleted, { orderId, completedAt })`. */
export const toPublic = <Type extends string, Payload extends object>(
  messageType: MessageType<Type, Payload>,
  payload: Payload,
): PublicMessage => {
  const message = messageType(payload);
  return { messageType, key: messageType.keyOf(message), message };
};

export interface PublishOptions {
  /** `ce_source`: `/millrace/order`. */
  readonly source: string;
  readonly newId: () => string;
}

/** What others are told about an event, and what it commands; nothing for most. `state` is that of its stream right after it. */
export type PublicMessagesOf<Event extends DomainEvent, State = unknown> = (
  event: Event,
  state: State,
) => readonly PublicMessage[];

/**
 * Maps private events to public messages and writes them to the outbox in the transaction of the append: published if and only if the
 * events are. A message carries its event's correlation, causation and time.
 */
export const publishEvents =
  <Event extends DomainEvent, State>(
    { source, newId }: PublishOptions,
    messagesOf: PublicMessagesOf<Event, State>,
  ): Publish =>
  async (transaction, events) => {
    const messages = events.flatMap(({ recorded, state }) =>
      messagesOf(recorded.event as Event, state as State).map((message) =>
        outboxMessage(message, {
          id: newId(),
          source,
          time: recorded.recordedAt,
          metadata: recorded.metadata,
          streamVersion: Number(recorded.version),
        }),
      ),
    );
    if (messages.length > 0) await appendToOutbox(transaction, messages);
  };

interface Origin {
  readonly id: string;
  readonly source: string;
  readonly time: Date;
  readonly metadata: EventMetadata;
  readonly streamVersion?: number;
}

/** A message with its CloudEvents attributes, ready for the outbox. */
export function outboxMessage(
  { messageType, key, message }: PublicMessage,
  { id, source, time, metadata, streamVersion }: Origin,
): OutboxMessage {
  const { topic, type, version } = messageType;
  const dataSchema = `/schemas/${topic.name}/${type}/${version}`;
  return {
    topic: topic.name,
    key,
    message,
    attributes: {
      id,
      source,
      type,
      time: time.toISOString(),
      subject: key,
      dataSchema,
      ...metadata,
      ...(streamVersion !== undefined && { streamVersion }),
    },
  };
}
