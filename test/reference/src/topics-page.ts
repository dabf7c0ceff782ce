import { declareDeadLetters, type MessageDeclaration } from '@millrace/streaming-core/contract';
import { z } from 'zod';
import {
  contractTopics,
  keptFor,
  listOf,
  ownerOf,
  servicesThat,
  type NamedTopic,
} from './contract-topics.ts';
import { appTopics } from './stack-apps.ts';

const intro = `# Topics

\`npm run reference\` writes this page and [asyncapi.json](asyncapi.json), the same in the form of AsyncAPI 3.0, from the
contracts (\`libs/contracts/src\`), from \`apps/stack/src/stack.ts\` and from the sources of the services; tests compare
them. Who changes a topic asks its owner first: the service that writes its events, or that reads its commands.

- A **sealed** field is encrypted with a key of the person that only the named service has. The erasure of the person
  destroys the key ([why](../adr/0030-erasure-destroys-keys.md)).
- A **pseudonym** stands for a person in plain text. It stays after an erasure.
`;

/** The text of docs/reference/topics.md. */
export function topicsPage(): string {
  const deadLetters = declareDeadLetters(contractTopics[0]!.declaration);
  return [
    intro,
    '## Of the services',
    '',
    '| topic | owner | written by | read by | key | partitions | kept | about people |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...contractTopics.map(rowOf),
    '',
    `The dead letters of a topic are on \`TOPIC.dlq\`, with the key and the value of the original record, in ` +
      `${deadLetters.partitions} partition, kept for ${keptFor(deadLetters)}. The owner of the topic that the record ` +
      'came from answers for them too.',
    ...(appTopics.length === 0 ? [] : ofApps()),
    '',
  ].join('\n');
}

function rowOf(topic: NamedTopic): string {
  const { name, declaration } = topic;
  return line([
    `[\`${declaration.name}\`](messages.md#${declaration.name})`,
    ownerOf(topic),
    listOf(servicesThat('writes', name)),
    listOf(servicesThat('reads', name)),
    `\`${declaration.key}\``,
    declaration.partitions,
    keptFor(declaration),
    peopleIn(topic.messages),
  ]);
}

const ofApps = (): readonly string[] => [
  '',
  '## Of the optional apps',
  '',
  'They exist once their app has been started with `npm start -- --with NAME`. [Uses](../USES.md) says what they are for.',
  'The internal topics of stream applications, which begin with the name of the application, have the same owner.',
  '',
  '| topic | owner | partitions | kept | about people, in plain text |',
  '| --- | --- | --- | --- | --- |',
  ...appTopics.map(({ app, topic }) =>
    line([
      `\`${topic.name}\``,
      app,
      topic.partitions,
      `${keptFor(topic)}${topic.retentionBytes === undefined ? '' : `, at most ${topic.retentionBytes / 1e9} GB per partition`}`,
      topic.people ?? 'not declared',
    ]),
  ),
];

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const shapeOf = ({ schema }: MessageDeclaration): Readonly<Record<string, unknown>> =>
  schema instanceof z.ZodObject ? schema.shape : {};

const plain = (schema: unknown): unknown => (schema instanceof z.ZodOptional ? schema.unwrap() : schema);

/** The schemas of fields that name a data subject. A field of another name may have the same schema. */
const subjects: ReadonlySet<unknown> = new Set(
  contractTopics
    .flatMap(({ messages }) => messages)
    .flatMap((message) => (message.personal ? [plain(shapeOf(message)[message.personal.subject])] : [])),
);

/** The fields of a message that stand for a person in plain text. */
export const pseudonymsIn = (message: MessageDeclaration): readonly string[] =>
  Object.entries(shapeOf(message))
    .filter(([, schema]) => subjects.has(plain(schema)))
    .map(([field]) => field);

/** What the messages of a topic say about people. */
function peopleIn(messages: readonly MessageDeclaration[]): string {
  const sealed = new Set(
    messages.flatMap(({ personal }) =>
      (personal?.fields ?? []).map((field) => `\`${field}\` (sealed, key of ${personal!.holder})`),
    ),
  );
  const pseudonyms = new Set(messages.flatMap(pseudonymsIn).map((field) => `\`${field}\` (pseudonym)`));
  return [...sealed, ...pseudonyms].join(', ') || 'nothing';
}
