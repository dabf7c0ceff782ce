import * as contracts from '@millrace/contracts';
import {
  deadLetterTopicOf,
  declareDeadLetters,
  messageTypesOf,
  type MessageDeclaration,
  type Topic,
  type TopicDeclaration,
} from '@millrace/streaming-core/contract';
import { z } from 'zod';
import { compactJson } from './compact-json.ts';
import { declaredTexts } from './declared-texts.ts';
import { exampleOf, type JsonSchema } from './example-of.ts';
import { usesOf, type MessageUse, type Use } from './message-uses.ts';
import { recordedSections } from './recorded-sections.ts';

interface NamedTopic {
  /** As the contracts export it, such as `orderEvents`. */
  readonly name: string;
  readonly declaration: TopicDeclaration;
  readonly messages: readonly MessageDeclaration[];
}

/** Every topic of the contracts, in the order in which the setup step creates them. */
export const contractTopics: readonly NamedTopic[] = Object.entries<unknown>(contracts)
  .filter((entry): entry is [string, Topic] => isTopic(entry[1]))
  .map(([name, topic]) => ({ name, declaration: topic.declaration, messages: messageTypesOf(topic) }))
  .sort((one, other) => placeOf(one.declaration) - placeOf(other.declaration));

function isTopic(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'declaration' in value;
}

function placeOf({ name }: TopicDeclaration): number {
  return contracts.topics.findIndex((topic) => topic.name === name);
}

/** The uses of the topics by the apps. */
export const messageUses: readonly MessageUse[] = usesOf(new Set(contractTopics.map(({ name }) => name)));

const intro = `# Messages

\`npm run reference\` writes this page from the contracts (\`libs/contracts/src\`), from the sources of the services, which
say who writes and reads the messages, and from records of a running system; tests compare it. What a field means stands
in its schema. [GLOSSARY](../GLOSSARY.md) explains the words, [DESIGN](../DESIGN.md) the reasons, and
[the sagas, drawn](sagas.md) the order of the messages.

Each schema is the JSON Schema (draft 2020-12) of the whole value, as zod makes it, without the patterns that a
\`format\` implies and without the bounds of safe integers. Each example satisfies its schema.
`;

/** The text of docs/reference/messages.md. */
export function messagesPage(): string {
  const texts = declaredTexts();
  return [
    intro,
    overview(),
    ...recordedSections(),
    ...contractTopics.flatMap((topic) => sectionsOf(topic, texts)),
  ].join('\n');
}

const overview = (): string =>
  [
    '## Topics',
    '',
    '| topic | key | partitions | kept | written by | read by |',
    '| --- | --- | --- | --- | --- | --- |',
    ...contractTopics.map(({ name, declaration }) => {
      const cells = [
        `[\`${declaration.name}\`](#${declaration.name})`,
        `\`${declaration.key}\``,
        declaration.partitions,
        keptFor(declaration),
        listOf(servicesThat('writes', name)),
        listOf(servicesThat('reads', name)),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
    '',
    'The dead letters of a topic are on `TOPIC.dlq`, with the key of the original record, in ' +
      `${declareDeadLetters(contractTopics[0]!.declaration).partitions} partition, kept for ` +
      `${keptFor(declareDeadLetters(contractTopics[0]!.declaration))}.`,
    '',
  ].join('\n');

const msPerDay = 86_400_000;

function keptFor({ retention, cleanup }: TopicDeclaration): string {
  if (cleanup === 'compact') return 'the last of each key';
  return retention === 'unlimited' ? 'without limit' : `${retention / msPerDay} days`;
}

/** The services with this use of a topic, or of one of its messages. */
export const servicesThat = (use: Use, topic: string, type?: string): readonly string[] => [
  ...new Set(
    messageUses
      .filter((each) => each.use === use && each.topic === topic)
      .filter((each) => type === undefined || each.type === type || each.type === undefined)
      .map(({ service }) => service),
  ),
];

const listOf = (services: readonly string[]): string => services.join(', ') || 'nobody';

function sectionsOf(topic: NamedTopic, texts: ReadonlyMap<string, string>): readonly string[] {
  const { name, declaration, messages } = topic;
  const about = texts.get(name);
  const kind = declaration.name.endsWith('-commands') ? 'Commands' : 'Events';
  return [
    `## ${declaration.name}`,
    '',
    `${about === undefined ? '' : `${about} `}${kind}, keyed by \`${declaration.key}\`, in ${declaration.partitions} ` +
      `partitions, kept ${keptFor(declaration).replace(/^(?=\d)/, 'for ')}. Dead letters: ` +
      `\`${deadLetterTopicOf(declaration.name)}\`.`,
    '',
    ...messages.flatMap((message) => messageSection(topic, message, texts.get(`${name}.${message.type}`))),
  ];
}

function messageSection(
  { name, declaration }: NamedTopic,
  { type, version, schema, personal }: MessageDeclaration,
  about: string | undefined,
): readonly string[] {
  const jsonSchema = withoutNoise(z.toJSONSchema(schema)) as JsonSchema;
  const example = { type, ...(exampleOf(z.toJSONSchema(schema) as JsonSchema) as object) };
  schema.parse(example);
  return [
    `### ${type}`,
    '',
    ...(about === undefined ? [] : [about, '']),
    `- Written by: ${writersOf(name, type)}. Read by: ${listOf(servicesThat('reads', name, type))}.`,
    `- Headers: \`ce_type: ${type}\`, \`ce_dataschema: /schemas/${declaration.name}/${type}/${version}\`, ` +
      `and [those of every record](#a-record).`,
    `- Personal data: ${
      personal === undefined
        ? 'none'
        : `${personal.fields.map((field) => `\`${field}\``).join(', ')}, sealed with the key of \`${personal.holder}\` ` +
          `for \`${personal.subject}\``
    }.`,
    '',
    '```json',
    compactJson(example, 1),
    '```',
    '',
    '```json',
    compactJson(jsonSchema, 2),
    '```',
    '',
  ];
}

function writersOf(topic: string, type: string): string {
  const writers = servicesThat('writes', topic, type);
  const deciders = servicesThat('decides', topic, type);
  if (writers.length > 0 || deciders.length === 0) return listOf(writers);
  return `nobody: ${listOf(deciders)} decides it without a message`;
}

/** Leaves out what says nothing to a reader: examples, and what the format or the type says already. */
function withoutNoise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNoise);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(
    ([name, inner]) =>
      name !== '$schema' &&
      !(name === 'examples' && Array.isArray(inner)) &&
      !(name === 'pattern' && 'format' in value) &&
      !(name === 'maximum' && inner === Number.MAX_SAFE_INTEGER) &&
      !(name === 'minimum' && inner === Number.MIN_SAFE_INTEGER),
  );
  return Object.fromEntries(fields.map(([name, inner]) => [name, withoutNoise(inner)]));
}
