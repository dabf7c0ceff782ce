import type { HistoryItem } from '@millrace/operations/contract';
import { firstOf, type CommandDefinition } from '../command/command.ts';
import { findOwner, opsOption } from '../ops/find-services.ts';
import { readPages, tellMore } from '../ops/read-pages.ts';
import { showRows } from '../terminal/show.ts';
import { asOfOptions, streamArgument, versionOrMoment } from './version-or-moment.ts';

const limitByDefault = 100;

export const showStream: CommandDefinition = {
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
    const { found } = await findOwner(call, `stream ${stream}`, (ops) =>
      readPages<HistoryItem>(ops, path, asOf, limit),
    );
    if (found.mayHaveMore) tellMore(call, limit);
    showRows(call, found.items, {
      columns: [
        { title: 'VERSION', of: (event) => event.version },
        { title: 'TYPE', of: ({ type }) => type },
        { title: 'RECORDED', of: ({ recordedAt }) => recordedAt },
        {
          title: 'DATA',
          of: ({ version: _version, type: _type, recordedAt: _recordedAt, ...rest }) => JSON.stringify(rest),
        },
      ],
      none: 'the stream has no events',
    });
  },
};
