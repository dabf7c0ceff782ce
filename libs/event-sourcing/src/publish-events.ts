import {
  appendToOutbox as writeToOutbox,
  type AppendToOutbox,
  type OutboxMessage,
} from '@millrace/streaming-core/outbox';
import {
  type Message,
  type MessageDeclaration,
  type MessageType,
  isUuidV7,
} from '@millrace/streaming-core/contract';
import { hash } from 'node:crypto';
import type { DomainEvent } from './decider.ts';
import type { EventMetadata, RecordedEvent } from './event-store.ts';
import type { EventTypes } from './event-versions.ts';
import type { Publish } from './projection.ts';
import { EventStoreError } from './errors.ts';

/** A public message made from a private event. */
export interface PublicMessage {
  readonly messageType: MessageDeclaration;
  readonly key: string;
  readonly message: Message;
  /** The saga that the message belongs to. By default it is that of the event. */
  readonly saga?: string;
}

/**
 * Validates a message and derives its key, as in
 * `toPublic(orderEvents.OrderCompleted, { orderId, completedAt })`. Throws `InvalidMessage`, which names
 * the field.
 */
export const toPublic = <Type extends string, Payload extends object>(
  messageType: MessageType<Type, Payload>,
  payload: Payload,
  options: Pick<PublicMessage, 'saga'> = {},
): PublicMessage => {
  const message = messageType(payload);
  return { messageType, key: messageType.keyOf(message), message, ...options };
};

export interface PublishOptions {
  /** The `ce_source` of the messages, such as `/millrace/order`. */
  readonly source: string;
  /** Writes the messages. The default only writes them to the outbox. */
  readonly appendToOutbox?: AppendToOutbox;
}

/**
 * Returns the public messages about an event, and the commands that follow from it. Most events
 * lead to no message. `state` is the state of the stream right after the event.
 */
export type PublicMessagesOf<Event extends DomainEvent, State = unknown> = (
  event: Event,
  state: State,
) => readonly PublicMessage[];

/**
 * Returns the messages about the events of one domain, and none about those of the others. A service
 * with several domains in its store lists one such function for each that publishes.
 */
export const messagesAbout =
  <Event extends DomainEvent, State>(
    types: EventTypes,
    messagesOf: PublicMessagesOf<Event, State>,
  ): PublicMessagesOf<DomainEvent> =>
  (event, state) =>
    event.type in types ? messagesOf(event as Event, state as State) : [];

/**
 * Maps private events to public messages and writes the messages to the outbox in the transaction
 * of the append. They are published if and only if the events are stored. A message carries its
 * event's correlation, causation and time. Its id is derived from the event's id, so publishing a
 * stored event again produces the same message.
 */
export const publishEvents =
  <Event extends DomainEvent, State>(
    { source, appendToOutbox = writeToOutbox }: PublishOptions,
    messagesOf: PublicMessagesOf<Event, State>,
  ): Publish =>
  async (transaction, events) => {
    const messages = events.flatMap(({ recorded, state }) =>
      toOutbox(source, recorded, messagesOf(recorded.event as Event, state as State)),
    );
    await appendToOutbox(transaction, messages);
    return messages;
  };

function toOutbox(
  source: string,
  { id: eventId, recordedAt: time, metadata, version }: RecordedEvent,
  messages: readonly PublicMessage[],
): readonly OutboxMessage[] {
  const seen = new Map<string, number>();
  return messages.map((message) => {
    const { topic, type } = message.messageType;
    const name = `${topic.name} ${type}`;
    const number = seen.get(name) ?? 0;
    seen.set(name, number + 1);
    const id = messageIdOf(eventId, { name, number });
    return outboxMessage(message, { id, source, time, metadata, streamVersion: Number(version) });
  });
}

interface Origin {
  readonly id: string;
  readonly source: string;
  readonly time: Date;
  readonly metadata: EventMetadata;
  readonly streamVersion?: number;
}

/** A message with its CloudEvents attributes, ready for the outbox. */
export function outboxMessage(
  { messageType, key, message, saga }: PublicMessage,
  { id, source, time, metadata: { actor: _actor, ...metadata }, streamVersion }: Origin,
): OutboxMessage {
  const { topic, type, version, personal } = messageType;
  const dataSchema = `/schemas/${topic.name}/${type}/${version}`;
  return {
    topic: topic.name,
    key,
    message,
    ...(personal !== undefined && { personal }),
    attributes: {
      id,
      source,
      type,
      time: time.toISOString(),
      subject: key,
      dataSchema,
      ...metadata,
      ...(saga !== undefined && { saga }),
      ...(streamVersion !== undefined && { streamVersion }),
    },
  };
}

/**
 * Identifies one of the messages of an event. `name` is the topic and type of the message, and
 * `number` counts the earlier messages with the same name.
 */
interface MessageOfEvent {
  readonly name: string;
  readonly number: number;
}

/**
 * Derives the id of a public message from its event. The result is a UUIDv7 with the event's own
 * time, so that an inbox always looks for it in the same day's partition. A hash fills the 74 bits
 * that are random in other ids. The layout follows RFC 9562, section 5.7.
 */
export function messageIdOf(eventId: string, { name, number }: MessageOfEvent): string {
  if (!isUuidV7(eventId))
    throw new EventStoreError(
      'invalid_event_id',
      `the event id "${eventId}" is not a UUIDv7, but the ids of its messages are derived from it: ` +
        `make \`newId\` return one`,
    );
  const id = eventId.toLowerCase();
  const digest = hash('sha256', `${id} ${name} ${number}`, 'buffer');
  const time = id.slice(0, 13);
  const random = digest.subarray(0, 10);
  random[0] = (random[0]! & 0x0f) | 0x70; // version 7
  random[2] = (random[2]! & 0x3f) | 0x80; // variant 10
  const hex = random.toString('hex');
  return `${time}-${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8)}`;
}
