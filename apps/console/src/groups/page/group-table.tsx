import type { Reader } from '../../api/groups.ts';
import { pathTo } from '../../kit/paths.ts';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, span } from '../../kit/words.ts';
import { TrendLine } from './trend.tsx';

const pathOfGroup = (group: string): string => pathTo('groups', group);

const columns: readonly Column<Reader>[] = [
  { name: 'Group', cell: ({ group }) => <a href={pathOfGroup(group)}>{group}</a> },
  { name: 'State', cell: ({ state }) => <Status of={state} /> },
  { name: 'Members', numeric: true, cell: ({ members }) => count(members) },
  { name: 'Partitions', numeric: true, cell: ({ partitions }) => count(partitions) },
  { name: 'Lag in records', numeric: true, cell: ({ lag }) => count(lag) },
  {
    name: 'Lag in time',
    numeric: true,
    cell: ({ lagSeconds }) => (lagSeconds === 0 ? <span class="quiet">none</span> : span(lagSeconds * 1_000)),
  },
];

export const trendColumn: Column<Reader> = {
  name: 'Last ten minutes',
  cell: ({ group }) => <TrendLine group={group} />,
};

export const GroupTable = ({
  groups,
  more = [],
}: {
  readonly groups: readonly Reader[];
  readonly more?: readonly Column<Reader>[];
}) => <Table label="groups" columns={[...columns, ...more]} rows={groups} keyOf={({ group }) => group} />;
