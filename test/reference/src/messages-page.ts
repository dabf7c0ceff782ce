import { deadLetterTopicOf, type MessageDeclaration } from '@millrace/streaming-core/contract';
import { z } from 'zod';
import { compactJson } from './compact-json.ts';
import { contractTopics, keptFor, listOf, servicesThat, type NamedTopic } from './contract-topics.ts';
import { declaredTexts } from './declared-texts.ts';
import { exampleOf, type JsonSchema } from './example-of.ts';
import { recordedSections } from './recorded-sections.ts';

const intro = `# Messages

\`npm run reference\` writes this page from the contracts (\`libs/contracts/src\`), from the sources of the services, which
say who writes and reads the messages, and from records of a running system; tests compare it. What a field means stands
in its schema. [Topics](topics.md) says to whom they belong, [GLOSSARY](../GLOSSARY.md) explains the words,
[DESIGN](../DESIGN.md) the reasons, and [the sagas, drawn](sagas.md) show the order of the messages.

Each schema is the JSON Schema (draft 2020-12) of the whole value, as zod makes it, without the patterns that a
\`format\` implies and without the bounds of safe integers. Each example satisfies its schema.
`;

/** The text of docs/reference/messages.md. */
export function messagesPage(): string {
  const texts = declaredTexts();
  return [intro, ...recordedSections(), ...contractTopics.flatMap((topic) => sectionsOf(topic, texts))].join(
    '\n',
  );
}

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
export function withoutNoise(value: unknown): unknown {
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
