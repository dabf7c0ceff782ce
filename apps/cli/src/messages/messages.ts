import {
  boundMeaning,
  eventPrefix,
  InvalidInput,
  messageOf,
  parseBound,
  partitionsOf,
  rangesBetween,
  readMessages,
  readRawMessages,
  withReader,
  type Message,
  type RawMessage,
  type Reading,
} from '@millrace/operations/client';
import type { OpenLogReader } from '@millrace/streaming-core/client';
import { bootstrapOption, clusterOf } from '../addresses.ts';
import { firstOf, type Call, type CommandDefinition } from '../command/command.ts';
import { jsonOf, progressOn } from '../terminal/show.ts';
import { rawLines } from './raw-lines.ts';

const limitByDefault = 100;

export const messages: CommandDefinition = {
  name: 'messages',
  summary: 'reads the messages of a topic, with their CloudEvents attributes, without a group',
  arguments: [{ name: '<topic>', meaning: 'name of the topic' }],
  options: [
    bootstrapOption,
    {
      flags: '--from <place>',
      meaning: `where to begin (default: beginning, or end with --follow): ${boundMeaning}`,
    },
    { flags: '--to <place>', meaning: 'where to end, exclusive (default: the present end)' },
    { flags: '--partition <number>', meaning: 'only this partition' },
    { flags: '--key <text>', meaning: 'only messages with this key' },
    { flags: '--type <name>', meaning: 'only messages of this type, such as OrderCreated' },
    { flags: '--follow', meaning: 'wait for new messages until Ctrl-C' },
    {
      flags: '--limit <count>',
      meaning: `end after so many messages (default: ${limitByDefault}, none with --follow)`,
    },
    { flags: '--headers', meaning: 'show every header' },
    { flags: '--uncommitted', meaning: 'also show messages of open and aborted transactions' },
    {
      flags: '--raw',
      meaning:
        'show how each message is stored, without its value: batch, producer, codec, transaction; also transaction markers',
    },
  ],
  examples: [
    'messages order-events --from -5',
    'messages inventory-commands.dlq --headers',
    'messages order-events --from 2026-11-22T09:00:00Z --key ORDER --json',
    'messages order-events --from -5 --raw',
  ],
  run: (call) =>
    withReader(
      clusterOf(call),
      async (reader) => {
        const follow = call.options.flag('follow');
        const limit = call.options.count('limit', 1) ?? (follow ? Number.POSITIVE_INFINITY : limitByDefault);
        const topic = firstOf(call);
        const from = parseBound(call.options.text('from') ?? (follow ? 'end' : 'beginning'), '--from');
        const to = parseBound(call.options.text('to') ?? 'end', '--to');
        if (follow && call.options.text('to') !== undefined)
          throw new InvalidInput('--follow has no end: leave out --to');
        const partitions = await partitionsOf(reader, topic, call.options.count('partition'));
        const ranges = await rangesBetween(reader, partitions, from, to);
        const { terminal, signal } = call.session;
        const progress = progressOn(terminal, `reading ${topic}`);
        const reading = {
          from: follow ? ranges.map(({ end: _end, ...begin }) => begin) : ranges,
          signal,
          onProgress: progress.show,
        };
        let shown = 0;
        try {
          for await (const { content, lines } of shownBy(call, reader, reading)) {
            progress.end();
            if (call.options.flag('json')) terminal.out(jsonOf(content, 0));
            else lines().forEach(terminal.out);
            shown += 1;
            if (shown === limit) break;
          }
        } finally {
          progress.end();
        }
        if (shown === 0 && !follow) terminal.err('no such message');
        const what = call.options.flag('raw') ? 'messages and markers' : 'messages';
        if (shown === limit) terminal.err(`ended after ${shown} ${what}: --limit sets another number`);
      },
      { isolation: isolationOf(call) },
    ),
};

/** The ends of a raw view are those of all messages, whatever became of their transactions. */
const isolationOf = ({ options }: Call) =>
  options.flag('uncommitted') || options.flag('raw') ? 'read_uncommitted' : 'read_committed';

/** A message that the call asks for, as JSON has it and as people read it. */
interface Shown {
  readonly content: Message | RawMessage;
  readonly lines: () => readonly string[];
}

async function* shownBy(call: Call, reader: OpenLogReader, reading: Reading): AsyncGenerator<Shown, void> {
  const withHeaders = call.options.flag('headers');
  if (call.options.flag('raw')) {
    for await (const content of readRawMessages(reader, reading))
      if (isWanted(call, content)) yield { content, lines: () => rawLines(content, withHeaders) };
    return;
  }
  for await (const record of readMessages(reader, reading)) {
    const content = messageOf(record);
    if (isWanted(call, content)) yield { content, lines: () => messageLines(content, withHeaders) };
  }
}

/** A transaction marker has neither a key nor a type. */
function isWanted({ options }: Call, content: Message | RawMessage): boolean {
  const wantedKey = options.text('key');
  const wantedType = options.text('type');
  if (!('key' in content)) return wantedKey === undefined && wantedType === undefined;
  const { key, event, value } = content;
  const type = event.type ?? (value as { readonly type?: unknown } | null)?.type;
  return (wantedKey === undefined || key === wantedKey) && (wantedType === undefined || type === wantedType);
}

/** Renders a message for people: a line about it, one for each header on request, and its value. */
function messageLines(message: Message, withHeaders: boolean): readonly string[] {
  const { topic, partition, offset, time, key, event, headers, value } = message;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const all = [
    ...Object.entries(event).map(([name, each]) => [`${eventPrefix}${name}`, each]),
    ...Object.entries(headers),
  ];
  const shown = withHeaders ? all : all.filter(([name]) => name?.startsWith('dlq_') && name !== 'dlq_stack');
  return [
    [`${topic}/${partition}@${offset}`, time, key ?? 'no key', event.type].filter(Boolean).join('  '),
    ...shown.map(([name, each]) => `  ${name}: ${each?.replaceAll('\n', '\n    ')}`),
    `  ${text}`,
  ];
}
