import { z } from 'zod';
import { type DurationMs, days } from '../runtime/clock.ts';
import { personalFieldsOf, type PersonalFields, type PersonalOptions } from './personal-fields.ts';

/** The topic for messages that a consumer has given up on. */
export const deadLetterTopicOf = (topic: string): string => `${topic}.dlq`;

/**
 * Declares one partition: dead letters are few, and an operator reads them in the order in which
 * they arrived.
 */
export const declareDeadLetters = ({ name, key }: TopicDeclaration): TopicDeclaration => ({
  name: deadLetterTopicOf(name),
  key,
  partitions: 1,
  retention: days(30),
  cleanup: 'delete',
});

/** A topic as the setup step creates it. Its records may be any bytes. */
export interface TopicShape {
  readonly name: string;
  readonly partitions: number;
  readonly retention: DurationMs | 'unlimited';
  /** The bytes after which a partition loses its oldest records, whatever their age. */
  readonly retentionBytes?: number;
  readonly cleanup: 'delete' | 'compact';
}

/** A topic of messages as it is declared once, for all its writers and readers. */
export interface TopicDeclaration extends TopicShape {
  /** The payload field whose value is the message key. Messages with the same key stay in order. */
  readonly key: string;
}

export interface TopicOptions {
  readonly key: string;
  readonly partitions: number;
  readonly retention: DurationMs | 'unlimited';
  readonly cleanup?: 'delete' | 'compact';
  /** Required if a field is marked as `personal`. */
  readonly personal?: PersonalOptions;
}

/** A constructor was given a payload that the message's schema rejects. Its cause is the `ZodError`. */
export class InvalidMessage extends TypeError {
  override readonly name = 'InvalidMessage';
  readonly type: string;

  constructor(type: string, cause: z.ZodError) {
    const problems = cause.issues.map(
      ({ path, message }) => `${path.join('.') || 'the payload'}: ${message}`,
    );
    super(`${type} is not valid: ${problems.join('; ')}`, { cause });
    this.type = type;
  }
}

type PayloadSchemas = Readonly<Record<string, z.ZodObject>>;

/** A message as it is sent: one flat JSON object that includes its `type`. */
export type Message<
  Type extends string = string,
  Payload extends object = Record<string, unknown>,
> = Readonly<{ type: Type } & Payload>;

/**
 * The constructor of a message and its schema in one. Calling it validates the payload; an invalid
 * one throws `InvalidMessage`, which names the field.
 */
export interface MessageType<Type extends string = string, Payload extends object = Record<string, unknown>> {
  (payload: Payload): Message<Type, Payload>;
  readonly type: Type;
  readonly topic: TopicDeclaration;
  /** Version of the payload's schema, which is the last segment of `ce_dataschema`. */
  readonly version: number;
  /** Schema of the whole message, `type` included. */
  readonly schema: z.ZodType<Message<Type, Payload>>;
  /** The fields that are sealed wherever the message is stored. */
  readonly personal?: PersonalFields;
  keyOf(message: Message<Type, Payload>): string;
}

/** A message type whose payload type does not matter. Every `MessageType` satisfies it. */
export type MessageDeclaration = Pick<MessageType, 'type' | 'topic' | 'version' | 'schema' | 'personal'>;

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

/** The message types that a topic declares. */
export const messageTypesOf = (topic: Pick<Topic, 'declaration'>): readonly MessageDeclaration[] =>
  Object.values<unknown>(topic).filter((value): value is MessageType => typeof value === 'function');

const anyType = z.looseObject({ type: z.string() });

/**
 * A schema of all messages of a topic, for programs that read it as it is. Like the consumers of
 * services, it rejects a message that does not fit its type, and lets types pass that the topic does
 * not declare, because a newer writer may send them. Skip those by their `type`.
 */
export function anyMessageOf<T extends Pick<Topic, 'declaration'>>(
  topic: T,
): { parse(value: unknown): MessagesOf<T> } {
  const schemas = new Map<string, z.ZodType>(messageTypesOf(topic).map(({ type, schema }) => [type, schema]));
  return {
    parse: (value) => (schemas.get(anyType.parse(value).type) ?? anyType).parse(value) as MessagesOf<T>,
  };
}

const topicName = z
  .string()
  .regex(/^[a-zA-Z0-9._-]{1,249}$/, 'a topic name has 1 to 249 letters, digits, dots, dashes or underscores');

/**
 * Declares a topic and the messages on it, once for all its writers and readers. Each message is
 * its constructor and its schema at once: calling it validates the payload, and throws
 * `InvalidMessage` with the field's name. Messages with the same key stay in order. The name
 * follows the rule of Kafka's `Topic.validate`.
 *
 * Throws `ZodError` for another name, and `TypeError` if a message lacks the key's field.
 *
 * @example
 * ```ts
 * import { topic, type MessageOf } from '@millrace/streaming-core/contract';
 * import { days } from '@millrace/streaming-core/runtime';
 * import { z } from 'zod';
 *
 * const roomId = z.string().max(20);
 * export const bells = topic('bells', { key: 'roomId', partitions: 3, retention: days(7) }, {
 *   BellRung: z.strictObject({ roomId, times: z.int().min(1) }),
 * });
 * export type BellRung = MessageOf<typeof bells.BellRung>;
 *
 * bells.BellRung({ roomId: 'room-1', times: 2 }); // { type: 'BellRung', roomId: 'room-1', times: 2 }
 * ```
 */
export function topic<const Schemas extends PayloadSchemas>(
  name: string,
  { personal, ...options }: TopicOptions,
  schemas: Schemas,
): Topic<Schemas> {
  const declaration: TopicDeclaration = Object.freeze({
    name: topicName.parse(name),
    cleanup: 'delete',
    ...options,
  });
  const types = Object.entries(schemas).map(
    ([type, schema]) => [type, messageType(type, declaration, schema, personal)] as const,
  );
  if (personal !== undefined && !types.some(([, type]) => type.personal !== undefined))
    throw new TypeError(
      `${name}: the option personal names ${personal.holder}, but no field is marked as personal`,
    );
  return Object.freeze({ declaration, ...Object.fromEntries(types) }) as Topic<Schemas>;
}

function messageType(
  type: string,
  declaration: TopicDeclaration,
  payload: z.ZodObject,
  options: PersonalOptions | undefined,
): MessageType {
  if (!(declaration.key in payload.shape))
    throw new TypeError(
      `${declaration.name}: ${type} lacks the field ${declaration.key}, which is the topic's key`,
    );
  const personal = personalFieldsOf(`${declaration.name}: ${type}`, payload, declaration.key, options);
  const schema = payload.extend({ type: z.literal(type) }) as unknown as z.ZodType<Message>;
  const construct = (fields: Record<string, unknown>): Message => {
    const { data, error } = schema.safeParse({ ...fields, type });
    if (error !== undefined) throw new InvalidMessage(type, error);
    return Object.freeze(data);
  };
  return Object.freeze(
    Object.assign(construct, {
      type,
      topic: declaration,
      version: 1,
      schema,
      ...(personal !== undefined && { personal }),
      keyOf: (message: Message) => String(message[declaration.key]),
    }),
  );
}
