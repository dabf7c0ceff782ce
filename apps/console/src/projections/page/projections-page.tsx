import type { Projections, ReadModel, TopicLag } from '../../api/projections.ts';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf, withQuery } from '../../kit/router.ts';
import { Dash, LivePage, Missing, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, span } from '../../kit/words.ts';
import { RebuildActs } from './rebuild-acts.tsx';
import { partDone, progressSentence, stateOf } from './rebuild-model.ts';

/** The read models of all services: their rebuilds, and the lag of their sources. */
export const ProjectionsPage = () => (
  <LivePage title="Projections" live={useLive<Projections>('/api/projections/live').value}>
    {({ readModels, lags, missing }) => (
      <>
        <Missing sentences={missing} />
        <Panel
          title="Read models that are written with the events"
          aside="A rebuild fills new tables beside the live ones, which stay in use until it is done"
        >
          <Table
            label="read models"
            columns={readModelColumns}
            rows={readModels}
            keyOf={({ service, projection }) => `${service} ${projection}`}
            empty="No service has a read model that can be rebuilt"
          />
          <p class="more quiet">
            A read model that follows topics is rebuilt by a function in its database:{' '}
            <code>SELECT rebuild_NAME()</code> by <code>npm run millrace -- sql SERVICE --write</code>.
          </p>
        </Panel>
        <Lags lags={lags} />
      </>
    )}
  </LivePage>
);

const readModelColumns: readonly Column<ReadModel>[] = [
  { name: 'Read model', cell: ({ projection }) => projection },
  { name: 'Service', cell: ({ service }) => service },
  { name: 'State', cell: ({ rebuild }) => <Status of={stateOf(rebuild)} /> },
  {
    name: 'Rebuild',
    wide: true,
    cell: (readModel) => (
      <span class="rebuild">
        <RebuildActs readModel={readModel} />
        <Progress readModel={readModel} />
      </span>
    ),
  },
];

function Progress({ readModel: { projection, rebuild } }: { readonly readModel: ReadModel }) {
  if (rebuild === null) return null;
  return (
    <>
      <progress value={partDone(rebuild)} aria-label={`rebuild of ${projection}`} />
      {progressSentence(rebuild)}
    </>
  );
}

const isBehind = ({ messages }: TopicLag): boolean => messages > 0;

function Lags({ lags }: { readonly lags: readonly TopicLag[] }) {
  const isNarrowed = queryOf('show') === 'behind';
  const behind = lags.filter(isBehind);
  return (
    <Panel
      title="How far consumers and read models are behind"
      aside={
        <>
          {count(behind.length)} of {count(lags.length)} are behind, as their services saw it last;{' '}
          <a href={withQuery({ show: isNarrowed ? undefined : 'behind' })}>
            {isNarrowed ? 'show all' : 'show only what is behind'}
          </a>
        </>
      }
    >
      <Table
        label="lags"
        columns={lagColumns}
        rows={isNarrowed ? behind : lags}
        keyOf={({ group, topic }) => `${group} ${topic}`}
        empty={isNarrowed ? 'Nothing is behind' : 'No service has looked at its groups yet'}
      />
    </Panel>
  );
}

const lagColumns: readonly Column<TopicLag>[] = [
  { name: 'Group', cell: ({ group }) => <a href={pathTo('groups', group)}>{group}</a> },
  { name: 'Topic', cell: ({ topic }) => <a href={pathTo('topics', topic)}>{topic}</a> },
  { name: 'Partitions', numeric: true, cell: ({ partitions }) => count(partitions) },
  { name: 'Messages behind', numeric: true, cell: (lag) => (isBehind(lag) ? count(lag.messages) : <Dash />) },
  { name: 'Time behind', numeric: true, cell: ({ seconds }) => (seconds ? span(seconds * 1_000) : <Dash />) },
];
