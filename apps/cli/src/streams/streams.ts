import { InvalidInput, readPages } from '@millrace/operations/client';
import type { DifferenceView, StateView, HistoryItem, StreamsPage } from '@millrace/operations/contract';
import { findAtOperators, listFirst, opsOption, tellMore } from '../operators.ts';
import {
  firstOf,
  type CommandDefinition,
  type ArgumentDefinition,
  type OptionDefinition,
  type GivenOptions,
  type CommandGroup,
} from '../command/command.ts';
import { emptyList, jsonOf, showRows } from '../terminal/show.ts';
import { renderTable, type Columns } from '../terminal/table.ts';
import { streamFeed } from './feed.ts';
import { streamTree } from './stream-tree.ts';

const streamArgument: ArgumentDefinition = {
  name: '<stream>',
  meaning: 'name of the stream, such as order-ID',
};

const asOfOptions: readonly OptionDefinition[] = [
  { flags: '--version <number>', meaning: 'as of this version (default: now)' },
  { flags: '--at <time>', meaning: 'as of this moment, such as 2026-11-22T09:00:00Z' },
];

/** Reads `asOfOptions` as the query of the operator API. */
function versionOrMoment(options: GivenOptions) {
  const version = options.count('version', 1)?.toString();
  const at = options.text('at');
  if (version !== undefined && at !== undefined) throw new InvalidInput('give --version or --at, not both');
  return { version, at };
}

const pathOf = (stream: string): string => `/ops/streams/${encodeURIComponent(stream)}`;

const streamState: CommandDefinition = {
  name: 'state',
  summary: 'shows the state that the events of a stream lead to, with personal values hidden',
  arguments: [streamArgument],
  options: [...asOfOptions, opsOption],
  examples: ['streams state order-ORDER', 'streams state stock-teapot --version 7'],
  async run(call) {
    const stream = firstOf(call);
    const asOf = versionOrMoment(call.options);
    const { found } = await findAtOperators(call, `state of stream ${stream}`, (ops) =>
      ops.get<StateView>(`${pathOf(stream)}/state`, asOf),
    );
    const { terminal } = call.session;
    if (call.options.flag('json')) return terminal.out(jsonOf(found.body));
    terminal.out(`${stream} at version ${found.body.version}\n${jsonOf(found.body.state)}`);
  },
};

const stateChanges: CommandDefinition = {
  name: 'diff',
  summary: 'shows what has changed in the state of a stream between two versions or moments',
  arguments: [streamArgument],
  options: [
    { flags: '--from <place>', meaning: 'version (0: before the first event) or moment; required' },
    { flags: '--to <place>', meaning: 'version or moment (default: now)' },
    opsOption,
  ],
  examples: [
    'streams diff order-ORDER --from 1',
    'streams diff stock-teapot --from 2026-11-22T09:00:00Z --to 9',
  ],
  async run(call) {
    const { options, session } = call;
    const stream = firstOf(call);
    const from = options.text('from');
    if (from === undefined)
      throw new InvalidInput('give the state to compare with: --from VERSION or --from TIME');
    const query = { from, to: options.text('to') };
    const { found } = await findAtOperators(call, `state of stream ${stream}`, (ops) =>
      ops.get<DifferenceView>(`${pathOf(stream)}/difference`, query),
    );
    const { body } = found;
    if (options.flag('json')) return session.terminal.out(jsonOf(body));
    session.terminal.out(`${stream} from version ${body.from} to ${body.to}`);
    if (body.changes.length === 0)
      return session.terminal.err('the states are the same, but for personal values');
    const columns: Columns<Change> = {
      PATH: 'path',
      BEFORE: { freeText: ({ before }) => textOf(before) },
      AFTER: { freeText: ({ after }) => textOf(after) },
    };
    session.terminal.out(renderTable(columns, body.changes, session.terminal.columns));
  },
};

type Change = DifferenceView['changes'][number];

const textOf = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);

const limitByDefault = 100;

const showStream: CommandDefinition = {
  name: 'show',
  summary: 'shows the events of a stream as of now, a version or a moment, without personal data',
  arguments: [streamArgument],
  options: [
    ...asOfOptions,
    { flags: '--limit <count>', meaning: `how many at most (default: ${limitByDefault})` },
    opsOption,
  ],
  examples: ['streams show order-ORDER', 'streams show stock-teapot --at 2026-11-22T09:00:00Z'],
  async run(call) {
    const { options } = call;
    const stream = firstOf(call);
    const asOf = versionOrMoment(options);
    const limit = options.count('limit', 1) ?? limitByDefault;
    const path = `/ops/streams/${encodeURIComponent(stream)}`;
    const { found } = await findAtOperators(call, `stream ${stream}`, (ops) =>
      readPages<HistoryItem>(ops, path, asOf, limit),
    );
    if (found.mayHaveMore) tellMore(call, limit);
    showRows(call, found.items, {
      columns: {
        VERSION: 'version',
        TYPE: 'type',
        RECORDED: 'recordedAt',
        DATA: {
          freeText: ({ version: _version, type: _type, recordedAt: _recordedAt, ...rest }) =>
            JSON.stringify(rest),
        },
      },
      none: 'the stream has no events',
    });
  },
};

type ListedStream = StreamsPage['items'][number] & { readonly service: string };

const listStreams: CommandDefinition = {
  name: 'list',
  summary: 'lists the streams whose names begin with a prefix, with their versions',
  arguments: [{ name: '<prefix>', meaning: 'what the names begin with, such as order-' }],
  options: [
    { flags: '--limit <count>', meaning: `how many at most (default: ${limitByDefault})` },
    opsOption,
  ],
  watchable: true,
  examples: ['streams list stock-', 'streams list saga-fulfillment- --limit 10'],
  async run(call) {
    const prefix = firstOf(call);
    const limit = call.options.count('limit', 1) ?? limitByDefault;
    const found = await listFirst<ListedStream>(call, limit, async (ops) => {
      const { service } = ops;
      const read = await readPages<StreamsPage['items'][number]>(ops, '/ops/streams', { prefix }, limit);
      return { ...read, items: read.items.map((item) => ({ service, ...item })) };
    });
    showRows(call, found, {
      columns: { SERVICE: 'service', STREAM: 'stream', VERSION: 'version', UPDATED: 'updatedAt' },
      none: emptyList(`streams that begin with ${prefix}`),
    });
  },
};

export const streams: CommandGroup = {
  name: 'streams',
  summary: 'lists streams, shows events of one or of all, states at any time, and what caused what',
  commands: [listStreams, showStream, streamState, stateChanges, streamTree, streamFeed],
};
