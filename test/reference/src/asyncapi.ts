import {
  deadLetterTopicOf,
  type MessageDeclaration,
  type TopicShape,
} from '@millrace/streaming-core/contract';
import { z } from 'zod';
import { contractTopics, keptFor, messageUses, ownerOf, type NamedTopic } from './contract-topics.ts';
import { declaredTexts } from './declared-texts.ts';
import type { Use } from './message-uses.ts';
import { withoutNoise } from './messages-page.ts';
import { appTopics } from './stack-apps.ts';
import { pseudonymsIn } from './topics-page.ts';

const kafkaBinding = '0.5.0';

const ref = (...path: readonly string[]) => ({ $ref: `#/${path.join('/')}` });

/** The catalogue of topics as a document of AsyncAPI 3.0, with every message and its schema. */
export function asyncApi(): object {
  const texts = declaredTexts();
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Millrace',
      version: '0.1.0',
      description: 'The topics of the services and of the optional apps. Written by `npm run reference`.',
    },
    defaultContentType: 'application/json',
    servers: {
      log: {
        host: '127.0.0.1:9092',
        protocol: 'kafka',
        description: 'The embedded broker, or Apache Kafka.',
      },
    },
    channels: Object.fromEntries([
      ...contractTopics.map((topic) => [topic.declaration.name, channelOf(topic, texts.get(topic.name))]),
      ...appTopics.map(({ app, topic }) => [topic.name, channelOfApp(app, topic)]),
    ]),
    operations: Object.fromEntries(contractTopics.flatMap(operationsOn)),
    components: {
      messages: Object.fromEntries(
        contractTopics.flatMap(({ name, declaration, messages }) =>
          messages.map((message) => [
            `${declaration.name}.${message.type}`,
            messageOf(message, texts.get(`${name}.${message.type}`)),
          ]),
        ),
      ),
      messageTraits: { record },
    },
  };
}

const channelOf = (topic: NamedTopic, about: string | undefined) => ({
  address: topic.declaration.name,
  ...(about !== undefined && { description: about }),
  messages: Object.fromEntries(
    topic.messages.map(({ type }) => [
      type,
      ref('components', 'messages', `${topic.declaration.name}.${type}`),
    ]),
  ),
  bindings: bindingOf(topic.declaration),
  'x-owner': ownerOf(topic),
  'x-kept': keptFor(topic.declaration),
  'x-dead-letters': deadLetterTopicOf(topic.declaration.name),
});

const channelOfApp = (app: string, topic: (typeof appTopics)[number]['topic']) => ({
  address: topic.name,
  bindings: bindingOf(topic),
  'x-owner': app,
  'x-kept': keptFor(topic),
  ...(topic.people !== undefined && { 'x-people': topic.people }),
});

const bindingOf = ({ name, partitions, retention, retentionBytes, cleanup }: TopicShape) => ({
  kafka: {
    topic: name,
    partitions,
    topicConfiguration: {
      'cleanup.policy': [cleanup],
      'retention.ms': retention === 'unlimited' ? -1 : retention,
      ...(retentionBytes !== undefined && { 'retention.bytes': retentionBytes }),
    },
    bindingVersion: kafkaBinding,
  },
});

const actions: ReadonlyArray<readonly [Use, 'send' | 'receive']> = [
  ['writes', 'send'],
  ['reads', 'receive'],
];

/** One operation for each service that writes to the topic or reads it, with the messages that it knows. */
const operationsOn = ({ name, declaration, messages }: NamedTopic) =>
  actions.flatMap(([use, action]) => {
    const uses = messageUses.filter((each) => each.topic === name && each.use === use);
    return [...new Set(uses.map(({ service }) => service))].map((service) => {
      const types = uses.filter((each) => each.service === service).map(({ type }) => type);
      const known = messages.filter(({ type }) => types.includes(type) || types.includes(undefined));
      return [
        `${service}.${action}.${declaration.name}`,
        {
          action,
          channel: ref('channels', declaration.name),
          messages: known.map(({ type }) => ref('channels', declaration.name, 'messages', type)),
          tags: [{ name: service }],
        },
      ];
    });
  });

const messageOf = (message: MessageDeclaration, about: string | undefined) => ({
  name: message.type,
  ...(about !== undefined && { summary: about }),
  payload: payloadOf(message),
  traits: [ref('components', 'messageTraits', 'record')],
  'x-schema-version': message.version,
  ...(message.personal && { 'x-sealed': message.personal }),
  ...(pseudonymsIn(message).length > 0 && { 'x-pseudonyms': pseudonymsIn(message) }),
});

/** AsyncAPI's own schemas are those of draft 7. */
const payloadOf = ({ schema }: MessageDeclaration): unknown =>
  withoutNoise(z.toJSONSchema(schema, { target: 'draft-7' }));

const text = { type: 'string' } as const;

/** What every record has: CloudEvents 1.0 in the binary mode of its Kafka binding. */
const record = {
  contentType: 'application/json',
  headers: {
    type: 'object',
    required: ['ce_specversion', 'ce_id', 'ce_type', 'ce_source', 'ce_time', 'ce_subject', 'ce_dataschema'],
    properties: {
      ce_specversion: { const: '1.0' },
      ce_id: { type: 'string', format: 'uuid' },
      ce_type: text,
      ce_source: text,
      ce_time: { type: 'string', format: 'date-time' },
      ce_subject: text,
      ce_dataschema: text,
      ce_correlationid: text,
      ce_causationid: text,
      ce_saga: text,
      ce_streamversion: text,
      traceparent: text,
    },
  },
  correlationId: { location: '$message.header#/ce_correlationid' },
  bindings: { kafka: { key: text, bindingVersion: kafkaBinding } },
};
