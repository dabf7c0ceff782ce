import {
  connectAdmin,
  connectGroupConsumer,
  connectProducer,
  partitionOfKey,
  type GroupConsumer,
} from '@millrace/streaming-core/client';
import {
  deadLetterTopicOf,
  declareDeadLetters,
  sagaHeader,
  streamVersionHeader,
  type Message,
  type Topic,
  type TopicDeclaration,
} from '@millrace/streaming-core/contract';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { v7 as newId } from 'uuid';
import { startTestBroker } from '../engine/index.ts';
import { until } from '../within.ts';

export interface PublishedMessage {
  readonly message: Message;
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * The attributes that a sender may set. By default, a message has a new id and the correlation id
 * `story-KEY`.
 */
export interface SentAttributes {
  readonly id?: string;
  /** The sender; by default a service that does not exist. */
  readonly source?: string;
  /** The id of the command that the message answers. */
  readonly causationId?: string;
  /** The saga that sent the command. It is absent in messages of earlier releases. */
  readonly saga?: string;
  /** The version of the source's stream. It is absent in messages from before there was one. */
  readonly streamVersion?: number;
  /** When the sender decided, by its clock. ISO 8601, UTC; by default now. */
  readonly time?: string;
}

/**
 * A broker for one test file, with the topics that its service reads and writes, and their dead
 * letters.
 */
export interface TestLog {
  readonly bootstrapServers: string;
  /**
   * Puts a message of any shape on its topic, as another service's relay would, and returns its id.
   */
  send(topic: Pick<Topic, 'declaration'>, message: Message, attributes?: SentAttributes): Promise<string>;
  /**
   * Resolves once everything that was sent earlier on this command topic for this key is handled.
   * Leaves a dead letter behind.
   */
  handled(topic: Pick<Topic, 'declaration'>, key: string): Promise<void>;
  /** Returns every message on a topic for one key, in order. */
  published(topic: string, key: string): Promise<readonly PublishedMessage[]>;
  /**
   * Takes the broker away, and returns a function that brings it back at its address with its data.
   */
  lose(): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export async function openTestLog(topics: readonly Pick<Topic, 'declaration'>[]): Promise<TestLog> {
  const broker = await startTestBroker();
  const { bootstrapServers } = broker;
  const connection = { bootstrapServers: [bootstrapServers], clientId: 'test', logger: silentLogger };
  const written = new Map(topics.map(({ declaration }) => [declaration.name, declaration]));
  const declarations = [...written.values(), ...[...written.values()].map(declareDeadLetters)];
  const admin = connectAdmin(connection);
  await admin.createTopics(declarations);
  const producer = connectProducer(connection);
  const reader = connectGroupConsumer({
    ...connection,
    groupId: newId(),
    topics: declarations.map(({ name }) => name),
    fetchMaxWaitMs: 10,
  });
  const send: TestLog['send'] = async (topic, message, attributes = {}) => {
    const { declaration } = topic;
    const {
      id = newId(),
      source = '/millrace/test',
      causationId = 'test',
      saga,
      streamVersion,
      time,
    } = attributes;
    const key = String(message[declaration.key]);
    const headers = {
      ...headersOf(declaration, message, { id, source, key, causationId }),
      ...(time !== undefined && { ce_time: time }),
      ...(saga !== undefined && { [sagaHeader]: saga }),
      ...(streamVersion !== undefined && { [streamVersionHeader]: String(streamVersion) }),
    };
    await producer.send([{ topic: declaration.name, key, value: JSON.stringify(message), headers }]);
    return id;
  };
  const published: TestLog['published'] = (topic, key) => readKey(reader, declarations, topic, key);
  return {
    bootstrapServers,
    send,
    published,
    async handled(topic, key) {
      const { name, key: field } = topic.declaration;
      // Messages of one key are handled in order, and no handler knows this one.
      const type = `Unknown-${newId()}`;
      await send(topic, { type, [field]: key });
      await until(
        () => published(deadLetterTopicOf(name), key),
        (letters) => letters.some(({ message }) => message.type === type),
      );
    },
    lose: () => broker.lose(),
    async close() {
      await Promise.all([producer.close(), reader.close(), admin.close()]);
      await broker.stop();
    },
  };
}

async function readKey(
  reader: GroupConsumer,
  declarations: readonly TopicDeclaration[],
  topic: string,
  key: string,
): Promise<readonly PublishedMessage[]> {
  const partitions = declarations.find(({ name }) => name === topic)?.partitions ?? 1;
  const answers = await reader.fetch([
    { topic, partition: partitionOfKey(Buffer.from(key), partitions), offset: 0n },
  ]);
  return answers
    .flatMap(({ records }) => records)
    .filter((record) => record.key?.toString() === key)
    .map((record) => ({ message: JSON.parse(String(record.value)) as Message, headers: record.headers }));
}

const headersOf = (
  { name }: TopicDeclaration,
  { type }: Message,
  { id, source, key, causationId }: Readonly<Record<'id' | 'source' | 'key' | 'causationId', string>>,
): Record<string, string> => ({
  ce_id: id,
  ce_source: source,
  ce_type: type,
  ce_time: new Date().toISOString(),
  ce_subject: key,
  ce_dataschema: `/schemas/${name}/${type}/1`,
  ce_correlationid: `story-${key}`,
  ce_causationid: causationId,
  ce_specversion: '1.0',
});
