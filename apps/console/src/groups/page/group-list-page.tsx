import type { GroupList, Reader } from '../../api/groups.ts';
import { QueryField } from '../../kit/fields.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf } from '../../kit/router.ts';
import { Freshness, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, many, span } from '../../kit/words.ts';
import { TrendLine, useTrends } from './trend.tsx';

/** The groups that read topics, and the lag of each. */
export function GroupListPage() {
  const live = useLive<GroupList>('/api/groups/live');
  useTrends(live, ({ groups }) => groups);
  const { groups, others = [] } = live.value.state ?? {};
  const wanted = queryOf('name').toLowerCase();
  const found = groups?.filter(({ group }) => group.toLowerCase().includes(wanted));
  return (
    <>
      <h1>Groups</h1>
      <Freshness live={live.value} />
      <div class="fields">
        <QueryField label="Name contains" name="name" placeholder="order" />
      </div>
      <Panel
        title={found === undefined ? 'Groups' : many(found.length, 'group')}
        aside="Lag in time is the age of the oldest message that was not handled"
      >
        <GroupTable
          groups={found}
          more={[trendColumn]}
          empty={wanted === '' ? 'No group has committed an offset yet' : 'No group has such a name'}
        />
        {others.length > 0 && (
          <p class="more">
            {count(others.length)} groups of other kinds (consumer, share, streams) are not described here:{' '}
            {others.slice(0, 10).join(', ')}
          </p>
        )}
      </Panel>
    </>
  );
}

interface GroupTableProps {
  readonly groups: readonly Reader[] | undefined;
  readonly more?: readonly Column<Reader>[];
  readonly empty: string;
}

export const GroupTable = ({ groups, more = [], empty }: GroupTableProps) => (
  <Table
    label="groups"
    columns={[...columns, ...more]}
    rows={groups}
    keyOf={({ group }) => group}
    empty={empty}
  />
);

const columns: readonly Column<Reader>[] = [
  { name: 'Group', cell: ({ group }) => <a href={pathTo('groups', group)}>{group}</a> },
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

const trendColumn: Column<Reader> = {
  name: 'Last ten minutes',
  cell: ({ group }) => <TrendLine group={group} />,
};
