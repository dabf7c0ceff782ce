import type { DifferenceView, StateView } from '@millrace/operations/contract';
import { firstOf, type CommandDefinition } from '../command/command.ts';
import { UsageError } from '../command/failures.ts';
import { findOwner, opsOption } from '../ops/find-services.ts';
import { jsonOf } from '../terminal/json.ts';
import { renderTable } from '../terminal/table.ts';
import { asOfOptions, streamArgument, versionOrMoment } from './version-or-moment.ts';

const pathOf = (stream: string): string => `/ops/streams/${encodeURIComponent(stream)}`;

export const streamState: CommandDefinition = {
  name: 'state',
  summary: 'shows the state that the events of a stream lead to, with personal values hidden',
  arguments: [streamArgument],
  options: [...asOfOptions, opsOption],
  examples: ['streams state order-ORDER', 'streams state stock-teapot --version 7'],
  async run(call) {
    const stream = firstOf(call);
    const asOf = versionOrMoment(call.options);
    const { found } = await findOwner(call, `state of stream ${stream}`, (ops) =>
      ops.get<StateView>(`${pathOf(stream)}/state`, asOf),
    );
    const { terminal } = call.session;
    if (call.options.flag('json')) return terminal.out(jsonOf(found.body));
    terminal.out(`${stream} at version ${found.body.version}\n${jsonOf(found.body.state)}`);
  },
};

export const stateChanges: CommandDefinition = {
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
      throw new UsageError('give the state to compare with: --from VERSION or --from TIME');
    const query = { from, to: options.text('to') };
    const { found } = await findOwner(call, `state of stream ${stream}`, (ops) =>
      ops.get<DifferenceView>(`${pathOf(stream)}/difference`, query),
    );
    const { body } = found;
    if (options.flag('json')) return session.terminal.out(jsonOf(body));
    session.terminal.out(`${stream} from version ${body.from} to ${body.to}`);
    if (body.changes.length === 0)
      return session.terminal.err('the states are the same, but for personal values');
    const columns = [
      { title: 'PATH', of: ({ path }: Change) => path },
      { title: 'BEFORE', of: ({ before }: Change) => textOf(before) },
      { title: 'AFTER', of: ({ after }: Change) => textOf(after) },
    ];
    session.terminal.out(renderTable(columns, body.changes));
  },
};

type Change = DifferenceView['changes'][number];

const textOf = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);
