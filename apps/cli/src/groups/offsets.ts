import type { Admin, CommittedOffset, OffsetChange } from '@millrace/streaming-core/client';
import { firstOf, type CommandDefinition, type CommandGroup } from '../command/command.ts';
import { CommandFailed } from '../command/failures.ts';
import { bootstrapOption, withAdmin } from '../places/cluster.ts';
import { confirm, yesOption } from '../terminal/confirm.ts';
import { showRows } from '../terminal/show.ts';
import type { Column } from '../terminal/table.ts';
import { resetIn, resetOptions } from './reset-mode.ts';

const groupArgument = { name: '<group>', meaning: 'name of the group' };

const offsetColumns: readonly Column<CommittedOffset>[] = [
  { title: 'TOPIC', of: ({ topic }) => topic },
  { title: 'PARTITION', of: ({ partition }) => partition },
  { title: 'NEXT', of: ({ offset }) => offset },
  { title: 'METADATA', of: ({ metadata }) => metadata },
];

const showOffsets: CommandDefinition = {
  name: 'show',
  summary: 'shows the offsets that a group has committed to the broker',
  arguments: [groupArgument],
  options: [bootstrapOption],
  examples: ['offsets show order'],
  async run(call) {
    const group = firstOf(call);
    const offsets = await withAdmin(call, (admin) => admin.groups.offsets(group));
    showRows(call, offsets, { columns: offsetColumns, none: `${group} has committed no offset` });
  },
};

const changeColumns: readonly Column<OffsetChange>[] = [
  { title: 'TOPIC', of: ({ topic }) => topic },
  { title: 'PARTITION', of: ({ partition }) => partition },
  { title: 'FROM', of: ({ from }) => from },
  { title: 'TO', of: ({ to }) => to },
  { title: 'CHANGE', of: ({ from, to }) => (from === null ? null : to - from) },
];

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
    withAdmin(call, async (admin) => {
      const group = firstOf(call);
      const { options, session } = call;
      const reset = resetIn(options);
      const topics = options.list('topic');
      const scope = topics.length > 0 ? { topics } : {};
      await refuseServices(admin, group);
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

/**
 * A service keeps its offsets in its database, and the broker has only a copy, with a note that
 * names the database. If the copy moved forwards, the service would refuse its partitions.
 */
async function refuseServices(admin: Admin, group: string): Promise<void> {
  const offsets = await admin.groups.offsets(group);
  if (offsets.some(({ metadata }) => metadata?.startsWith('{"store":') === true))
    throw new CommandFailed(
      `group ${group} keeps its offsets in the database of its service, and the broker has only copies: ` +
        'docs/operations/what-to-do.md, "Refused partitions", says when and how to change them',
    );
}

const deleteGroup: CommandDefinition = {
  name: 'delete',
  summary: 'deletes a group without members, with its offsets',
  arguments: [groupArgument],
  options: [yesOption, bootstrapOption],
  examples: ['offsets delete reports --yes'],
  run: (call) =>
    withAdmin(call, async (admin) => {
      const group = firstOf(call);
      await admin.groups.describe([group]);
      await refuseServices(admin, group);
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
