import { z } from 'zod';
import type { DurationMs } from '../runtime/duration.ts';

/** How a topic is declared, once, for everybody who writes or reads it. */
export interface TopicDeclaration {
  readonly name: string;
  /** The payload field whose value is the message key: messages of one key stay in order. */
  readonly key: string;
  readonly partitions: number;
  readonly retention: DurationMs | 'unlimited';
  readonly cleanup: 'delete' | 'compact';
}

export interface TopicOptions {
  readonly key: string;
  readonly partitions: number;
  readonly retention: DurationMs | 'unlimited';
  readonly cleanup?: 'delete' | 'compact';
}

type PayloadSchemas = Readonly<Record<string, z.ZodObject>>;

/** A message as it travels: one flat JSON object with its `type` in it. */
export type Message<
  Type extends string = string,
  Payload extends object = Record<string, unknown>,
> = Readonly<{ type: Type } & Payload>;

/** A message's constructor and schema at once: calling it validates, and throws `ZodError` naming the field. */
export interface MessageType<Type extends string = string, Payload extends object = Record<string, unknown>> {
  (payload: Payload): Message<Type, Payload>;
  readonly type: Type;
  readonly topic: TopicDeclaration;
  /** Version of the payload's schema: the last segment of `ce_dataschema`. */
  readonly version: number;
  /** Schema of the whole message, `type` included. */
  readonly schema: z.ZodType<Message<Type, Payload>>;
  /** The message's key. */
  keyOf(message: Message<Type, Payload>): string;
}

/** What is known of a message type without its payload: every `MessageType` is one. */
export type MessageDeclaration = Pick<MessageType, 'type' | 'topic' | 'version' | 'schema'>;

/** The message that a constructor makes: `MessageOf<typeof inventoryCommands.ReserveInventory>`. */
export type MessageOf<T> = T extends MessageType<infer Type, infer Payload> ? Message<Type, Payload> : never;

export type Topic<Schemas extends PayloadSchemas = PayloadSchemas> = {
  readonly declaration: TopicDeclaration;
} & {
  readonly [Type in keyof Schemas & string]: MessageType<Type, z.output<Schemas[Type]>>;
};

/** The union of every message of a topic. */
export type MessagesOf<T> = { [K in Exclude<keyof T, 'declaration'>]: MessageOf<T[K]> }[Exclude<
  keyof T,
  'declaration'
>];

const topicName = z
  .string()
  .regex(/^[a-zA-Z0-9._-]{1,249}$/, 'a topic name has 1 to 249 letters, digits, dots, dashes or underscores');

/** Declares a topic and the messages on it. Source of the naming rule: Kafka's `Topic.validate`. */
export function topic<const Schemas extends PayloadSchemas>(
  name: string,
  options: TopicOptions,
  schemas: Schemas,
): Topic<Schemas> {
  const declaration: TopicDeclaration = Object.freeze({
    name: topicName.parse(name),
    cleanup: 'delete',
    ...options,
  });
  const types = Object.entries(schemas).map(
    ([type, schema]) => [type, messageType(type, declaration, schema)] as const,
  );
  return Object.freeze({ declaration, ...Object.fromEntries(types) }) as Topic<Schemas>;
}

function messageType(type: string, declaration: TopicDeclaration, payload: z.ZodObject): MessageType {
  if (!(declaration.key in payload.shape))
    throw new TypeError(`${declaration.name}: ${type} has no field ${declaration.key}, the topic's key`);
  const schema = payload.extend({ type: z.literal(type) }) as unknown as z.ZodType<Message>;
  const construct = (fields: Record<string, unknown>): Message =>
    Object.freeze(schema.parse({ ...fields, type }));
  return Object.freeze(
    Object.assign(construct, {
      type,
      topic: declaration,
      version: 1,
      schema,
      keyOf: (message: Message) => String(message[declaration.key]),
    }),
  );
}
