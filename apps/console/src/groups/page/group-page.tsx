import type { GroupMember, GroupPartition, ShownGroup } from '../../api/groups.ts';
import { Trail } from '../../kit/links.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { Facts, LivePage, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, span } from '../../kit/words.ts';
import { ResetButton } from './reset-wizard.tsx';
import { TrendLine, useTrends } from './trend.tsx';

/** One group: its lag, its members, each partition with its owner, and the reset of its offsets. */
export function GroupPage({ group }: { readonly group: string }) {
  const live = useLive<ShownGroup>(pathTo('api', 'groups', 'live', group));
  useTrends(live, (shown) => [shown]);
  return (
    <LivePage
      title={<Trail from={['/groups', 'Groups']} here={group} />}
      live={live.value}
      aside={({ state }) => <Status of={state} />}
      instead={<a href="/groups">Show all groups</a>}
    >
      {(shown) => (
        <>
          <Lag shown={shown} />
          <Panel title="Partitions">
            <Table
              label="partitions"
              columns={partitionColumns}
              rows={shown.partitions}
              keyOf={({ topic, partition }) => `${topic} ${partition}`}
            />
          </Panel>
          <Panel title="Members">
            <Table
              label="members"
              columns={memberColumns}
              rows={shown.members}
              keyOf={({ member }) => member}
              empty="No member runs"
            />
          </Panel>
        </>
      )}
    </LivePage>
  );
}

function Lag({ shown }: { readonly shown: ShownGroup }) {
  const { group, lag, lagSeconds, members, assignor, areCopies } = shown;
  return (
    <Panel title="How far it is behind" aside={!areCopies && <ResetButton shown={shown} />}>
      <div class="body">
        <Facts
          of={{
            Records: count(lag),
            Time: lagSeconds === 0 ? 'none' : span(lagSeconds * 1_000),
            Members: count(members.length),
            Assignor: assignor || undefined,
            'Last ten minutes': <TrendLine group={group} />,
          }}
        />
        {areCopies && (
          <p class="quiet note">
            Its offsets stand in the database of its service, and the broker has only copies. So they are not
            reset here: <code>docs/operations/what-to-do.md</code> says under “Refused partitions” when and
            how to change them.
          </p>
        )}
      </div>
    </Panel>
  );
}

const partitionColumns: readonly Column<GroupPartition>[] = [
  { name: 'Topic', cell: ({ topic }) => <a href={pathTo('topics', topic)}>{topic}</a> },
  { name: 'Partition', numeric: true, cell: ({ partition }) => partition },
  { name: 'Next offset', numeric: true, cell: nextOffset },
  { name: 'End', numeric: true, cell: ({ endOffset }) => count(endOffset) },
  { name: 'Lag in records', numeric: true, cell: ({ lag }) => count(lag) },
  { name: 'Lag in time', numeric: true, cell: lagInTime },
  { name: 'Owner', cell: ({ owner }) => owner ?? <span class="quiet">nobody</span> },
];

/** Leads to the message that is read next, if there is one. */
function nextOffset({ topic, partition, committedOffset, endOffset }: GroupPartition) {
  if (committedOffset >= endOffset) return count(committedOffset);
  const path = `${pathTo('topics', topic)}?partition=${partition}&from=${committedOffset}`;
  return <a href={path}>{count(committedOffset)}</a>;
}

function lagInTime({ lag, lagMs }: GroupPartition) {
  if (lag === 0) return <span class="quiet">none</span>;
  return lagMs === undefined ? 'unknown' : span(lagMs);
}

const memberColumns: readonly Column<GroupMember>[] = [
  { name: 'Member', cell: ({ member }) => member },
  { name: 'Client', cell: ({ clientId }) => clientId },
  { name: 'Host', cell: ({ host }) => host },
  { name: 'Partitions', numeric: true, cell: ({ partitions }) => count(partitions) },
];
