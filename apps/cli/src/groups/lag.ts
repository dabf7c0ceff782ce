import { lagOfGroup, lagOfGroups, withLag, type GroupLag, type OwnedLag } from '@millrace/operations/client';
import { bootstrapOption, clusterOf } from '../addresses.ts';
import type { Call, CommandDefinition } from '../command/command.ts';
import { emptyList, showRows } from '../terminal/show.ts';
import type { Columns } from '../terminal/table.ts';

const groupColumns: Columns<GroupLag> = {
  GROUP: 'group',
  STATE: 'state',
  MEMBERS: 'members',
  PARTITIONS: 'partitions',
  LAG: 'lag',
  SECONDS: 'lagSeconds',
};

const partitionColumns: Columns<OwnedLag> = {
  TOPIC: 'topic',
  PARTITION: 'partition',
  NEXT: 'committedOffset',
  END: 'endOffset',
  LAG: 'lag',
  SECONDS: ({ lagMs }) => (lagMs === undefined ? null : Math.round(lagMs / 1_000)),
  OWNER: 'owner',
};

export const lag: CommandDefinition = {
  name: 'lag',
  summary: 'shows how far groups are behind, or one group by partition with their owners',
  arguments: [{ name: '[group]', meaning: 'name of a group; without it, all groups' }],
  options: [bootstrapOption, { flags: '--behind', meaning: 'leave out what is not behind' }],
  watchable: true,
  examples: ['lag', 'lag order --behind'],
  run: (call) =>
    withLag(clusterOf(call), async (admin, reader) => {
      const [group] = call.args;
      if (group === undefined) return showGroups(call, await lagOfGroups(admin, reader));
      showPartitions(call, group, await lagOfGroup(admin, reader, group));
    }),
};

const wanted = ({ options }: Call, lagOfRow: bigint): boolean => !options.flag('behind') || lagOfRow > 0n;

const showGroups = (call: Call, rows: readonly GroupLag[]) =>
  showRows(
    call,
    rows.filter((row) => wanted(call, row.lag)),
    { columns: groupColumns, none: rows.length === 0 ? emptyList('groups') : 'no group is behind' },
  );

const showPartitions = (call: Call, group: string, rows: readonly OwnedLag[]) =>
  showRows(
    call,
    rows.filter((row) => wanted(call, row.lag)),
    {
      columns: partitionColumns,
      none: rows.length === 0 ? `${group} has committed no offset` : `${group} is not behind`,
    },
  );
