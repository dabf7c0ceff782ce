import { InvalidInput, refuseCopies, withAdmin } from '@millrace/operations/client';
import type { CommittedOffset, OffsetChange, OffsetReset } from '@millrace/streaming-core/client';
import { bootstrapOption, clusterOf } from '../addresses.ts';
import {
  firstOf,
  type CommandDefinition,
  type CommandGroup,
  type OptionDefinition,
  type GivenOptions,
} from '../command/command.ts';
import { confirm, yesOption } from '../terminal/confirm.ts';
import { showRows } from '../terminal/show.ts';
import type { Columns } from '../terminal/table.ts';

const resetOptions: readonly OptionDefinition[] = [
  { flags: '--to-earliest', meaning: 'to the first record that the log still holds' },
  { flags: '--to-latest', meaning: 'to the end, so that everything unread is skipped' },
  { flags: '--to-offset <offset>', meaning: 'to this offset' },
  { flags: '--shift-by <count>', meaning: 'forwards by so many offsets; backwards if it is negative' },
  {
    flags: '--to-datetime <time>',
    meaning: 'to the first record from this time on, such as 2026-11-22T09:00:00Z',
  },
  {
    flags: '--by-duration <duration>',
    meaning: 'to the first record that is no older than this, such as 90s, 30m, 6h or 2d',
  },
];

const names = ['to-earliest', 'to-latest', 'to-offset', 'shift-by', 'to-datetime', 'by-duration'] as const;

/** Reads where to move offsets. Throws `InvalidInput` unless exactly one mode is given, with a valid value. */
function resetIn(options: GivenOptions): OffsetReset {
  const given = names.filter((name) => options.flag(name) || options.text(name) !== undefined);
  const [mode, ...others] = given;
  if (mode === undefined || others.length > 0)
    throw new InvalidInput(`give exactly one of ${names.map((name) => `--${name}`).join(', ')}`);
  const text = options.text(mode) ?? '';
  switch (mode) {
    case 'to-earliest':
    case 'to-latest':
      return { mode };
    case 'to-offset':
      return { mode, offset: wholeNumber(mode, text, /^\d{1,18}$/) };
    case 'shift-by':
      return { mode, by: wholeNumber(mode, text, /^[+-]?\d{1,18}$/) };
    case 'to-datetime':
      return { mode, time: timeIn(text) };
    case 'by-duration':
      return { mode, durationMs: durationIn(text) };
  }
}

function wholeNumber(mode: string, text: string, pattern: RegExp): bigint {
  if (pattern.test(text)) return BigInt(text.replace('+', ''));
  throw new InvalidInput(`--${mode} ${text}: give a whole number`);
}

function timeIn(text: string): Date {
  const time = new Date(text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(time.getTime())) return time;
  throw new InvalidInput(`--to-datetime ${text}: give a time such as 2026-11-22T09:00:00Z`);
}

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function durationIn(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (unitsMs[unit] ?? 0);
  throw new InvalidInput(`--by-duration ${text}: give a number with a unit, such as 90s, 30m, 6h or 2d`);
}

const groupArgument = { name: '<group>', meaning: 'name of the group' };

const offsetColumns: Columns<CommittedOffset> = {
  TOPIC: 'topic',
  PARTITION: 'partition',
  NEXT: 'offset',
  METADATA: 'metadata',
};

const showOffsets: CommandDefinition = {
  name: 'show',
  summary: 'shows the offsets that a group has committed to the broker',
  arguments: [groupArgument],
  options: [bootstrapOption],
  examples: ['offsets show order'],
  async run(call) {
    const group = firstOf(call);
    const offsets = await withAdmin(clusterOf(call), (admin) => admin.groups.offsets(group));
    showRows(call, offsets, { columns: offsetColumns, none: `${group} has committed no offset` });
  },
};

const changeColumns: Columns<OffsetChange> = {
  TOPIC: 'topic',
  PARTITION: 'partition',
  FROM: 'from',
  TO: 'to',
  CHANGE: ({ from, to }) => (from === null ? null : to - from),
};

const resetGroup: CommandDefinition = {
  name: 'reset',
  summary: 'moves the offsets of a group without members; only shows the changes unless --execute is given',
  arguments: [groupArgument],
  options: [
    ...resetOptions,
    { flags: '--topic <name>', meaning: 'all partitions of this topic; may be repeated', repeatable: true },
    { flags: '--execute', meaning: 'make the changes' },
    yesOption,
    bootstrapOption,
  ],
  examples: [
    'offsets reset reports --to-datetime 2026-11-22T09:00:00Z',
    'offsets reset reports --to-earliest --execute --yes',
  ],
  run: (call) =>
    withAdmin(clusterOf(call), async (admin) => {
      const group = firstOf(call);
      const { options, session } = call;
      const reset = resetIn(options);
      const topics = options.list('topic');
      const scope = topics.length > 0 ? { topics } : {};
      await refuseCopies(admin, group);
      const planned = await admin.groups.resetOffsets(group, reset, { ...scope, dryRun: true });
      const shown = {
        columns: changeColumns,
        none: `${group} has committed no offset: name its topics with --topic`,
      };
      if (!options.flag('execute')) {
        showRows(call, planned, shown);
        return session.terminal.err('nothing was changed: add --execute to make these changes');
      }
      await confirm(call, `move ${planned.length} offsets of group ${group}`);
      showRows(call, await admin.groups.resetOffsets(group, reset, scope), shown);
    }),
};

const deleteGroup: CommandDefinition = {
  name: 'delete',
  summary: 'deletes a group without members, with its offsets',
  arguments: [groupArgument],
  options: [yesOption, bootstrapOption],
  examples: ['offsets delete reports --yes'],
  run: (call) =>
    withAdmin(clusterOf(call), async (admin) => {
      const group = firstOf(call);
      await admin.groups.describe([group]);
      await refuseCopies(admin, group);
      await confirm(call, `delete group ${group} with its offsets`);
      await admin.groups.delete([group]);
      call.session.terminal.err(`deleted ${group}`);
    }),
};

export const offsets: CommandGroup = {
  name: 'offsets',
  summary: 'shows and moves the offsets of a group',
  commands: [showOffsets, resetGroup, deleteGroup],
};
