import type { GroupMember, GroupPartition, ShownGroup } from '../../api/groups.ts';
import type { Shown } from '../../api/shown.ts';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { Absent, Empty, Fact, Freshness, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, span } from '../../kit/words.ts';
import { ResetButton } from './reset-wizard.tsx';
import { TrendLine, useTrends } from './trend.tsx';

/** One group: its lag, its members, each partition with its owner, and the reset of its offsets. */
export function GroupPage({ group }: { readonly group: string }) {
  const live = useLive<Shown<ShownGroup>>(pathTo('api', 'groups', 'live', group));
  useTrends(live, ({ lag }) => (lag === undefined ? [] : [{ group, lag }]));
  const shown = live.value.state;
  return (
    <>
      <header>
        <h1>
          <a href="/groups">Groups</a> / {group}
        </h1>
        {shown?.state !== undefined && <Status of={shown.state} />}
      </header>
      <Freshness live={live.value} />
      {shown?.partitions !== undefined ? (
        <Facts shown={shown as ShownGroup} />
      ) : (
        <Absent failure={shown?.failure} what="group" list="/groups" />
      )}
    </>
  );
}

function Facts({ shown }: { readonly shown: ShownGroup }) {
  const { group, lag, lagSeconds, members, partitions, assignor, areCopies } = shown;
  return (
    <>
      <Panel title="How far it is behind" aside={!areCopies && <ResetButton shown={shown} />}>
        <div class="body">
          <dl class="facts">
            <Fact name="Records">{count(lag)}</Fact>
            <Fact name="Time">{lagSeconds === 0 ? 'none' : span(lagSeconds * 1_000)}</Fact>
            <Fact name="Members">{count(members.length)}</Fact>
            {assignor !== '' && <Fact name="Assignor">{assignor}</Fact>}
            <Fact name="Last ten minutes">
              <TrendLine group={group} />
            </Fact>
          </dl>
          {areCopies && (
            <p class="quiet note">
              Its offsets stand in the database of its service, and the broker has only copies. So they are
              not reset here: <code>docs/operations/what-to-do.md</code> says under “Refused partitions” when
              and how to change them.
            </p>
          )}
        </div>
      </Panel>
      <Panel title="Partitions">
        <Table
          label="partitions"
          columns={partitionColumns}
          rows={partitions}
          keyOf={({ topic, partition }) => `${topic} ${partition}`}
        />
      </Panel>
      <Panel title="Members">
        {members.length === 0 ? (
          <Empty title="No member runs" />
        ) : (
          <Table label="members" columns={memberColumns} rows={members} keyOf={({ member }) => member} />
        )}
      </Panel>
    </>
  );
}

const partitionColumns: readonly Column<GroupPartition>[] = [
  { name: 'Topic', cell: ({ topic }) => <a href={pathTo('topics', topic)}>{topic}</a> },
  { name: 'Partition', numeric: true, cell: ({ partition }) => partition },
  {
    name: 'Next offset',
    numeric: true,
    cell: ({ topic, partition, committed, end }) =>
      committed < end ? (
        <a href={`${pathTo('topics', topic)}?partition=${partition}&from=${committed}`}>{count(committed)}</a>
      ) : (
        count(committed)
      ),
  },
  { name: 'End', numeric: true, cell: ({ end }) => count(end) },
  { name: 'Lag in records', numeric: true, cell: ({ lag }) => count(lag) },
  {
    name: 'Lag in time',
    numeric: true,
    cell: ({ lag, lagMs }) =>
      lag === 0 ? <span class="quiet">none</span> : lagMs === null ? 'unknown' : span(lagMs),
  },
  { name: 'Owner', cell: ({ owner }) => owner ?? <span class="quiet">nobody</span> },
];

const memberColumns: readonly Column<GroupMember>[] = [
  { name: 'Member', cell: ({ member }) => member },
  { name: 'Client', cell: ({ clientId }) => clientId },
  { name: 'Host', cell: ({ host }) => host },
  { name: 'Partitions', numeric: true, cell: ({ partitions }) => count(partitions) },
];
