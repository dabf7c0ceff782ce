import { lagOfGroup, lagOfGroups, withLag, type GroupLag, type OwnedLag } from '@millrace/operations/client';
import { bootstrapOption, clusterOf } from '../addresses.ts';
import type { Call, CommandDefinition } from '../command/command.ts';
import { showRows, type Column } from '../terminal/show.ts';

const groupColumns: readonly Column<GroupLag>[] = [
  { title: 'GROUP', of: ({ group }) => group },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'MEMBERS', of: ({ members }) => members },
  { title: 'PARTITIONS', of: ({ partitions }) => partitions },
  { title: 'LAG', of: ({ lag }) => lag },
  { title: 'SECONDS', of: ({ lagSeconds }) => lagSeconds },
];

const partitionColumns: readonly Column<OwnedLag>[] = [
  { title: 'TOPIC', of: ({ topic }) => topic },
  { title: 'PARTITION', of: ({ partition }) => partition },
  { title: 'NEXT', of: ({ committedOffset }) => committedOffset },
  { title: 'END', of: ({ endOffset }) => endOffset },
  { title: 'LAG', of: ({ lag }) => lag },
  { title: 'SECONDS', of: ({ lagMs }) => (lagMs === undefined ? null : Math.round(lagMs / 1_000)) },
  { title: 'OWNER', of: ({ owner }) => owner },
];

export const lag: CommandDefinition = {
  name: 'lag',
  summary: 'shows how far groups are behind, or one group by partition with their owners',
  arguments: [{ name: '[group]', meaning: 'name of a group; without it, all groups' }],
  options: [bootstrapOption, { flags: '--behind', meaning: 'leave out what is not behind' }],
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
    { columns: groupColumns, none: rows.length === 0 ? 'the cluster has no groups' : 'no group is behind' },
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
