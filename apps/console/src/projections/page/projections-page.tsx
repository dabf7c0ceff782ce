import type { Projections, ReadModel, TopicLag } from '../../api/projections.ts';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf, withQuery } from '../../kit/router.ts';
import { Empty, Freshness, Loading, Missing, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, span } from '../../kit/words.ts';
import { RebuildActs } from './rebuild-acts.tsx';
import { partDone, progressSentence, stateOf } from './rebuild-model.ts';

/** The read models of all services: which are rebuilt, and how far what they are made of is behind. */
export function ProjectionsPage() {
  const live = useLive<Projections>('/api/projections/live').value;
  const { readModels, lags, missing } = live.state ?? {};
  return (
    <>
      <h1>Projections</h1>
      <Freshness live={live} />
      <Missing sentences={missing} />
      <Panel
        title="Read models that are written with the events"
        aside="A rebuild fills new tables beside the live ones, which stay in use until it is done"
      >
        {readModels === undefined ? (
          <Loading rows={4} />
        ) : readModels.length === 0 ? (
          <Empty title="No service has a read model that can be rebuilt" />
        ) : (
          <Table
            label="read models"
            columns={readModelColumns}
            rows={readModels}
            keyOf={({ service, projection }) => `${service} ${projection}`}
          />
        )}
        <p class="more quiet">
          A read model that follows topics is rebuilt by a function in its database:{' '}
          <code>SELECT rebuild_NAME()</code> by <code>npm run millrace -- sql SERVICE --write</code>.
        </p>
      </Panel>
      <Lags lags={lags} />
    </>
  );
}

const readModelColumns: readonly Column<ReadModel>[] = [
  { name: 'Read model', cell: ({ projection }) => projection },
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
  { name: 'Service', cell: ({ service }) => service },
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

function Lags({ lags }: { readonly lags: readonly TopicLag[] | undefined }) {
  const isNarrowed = queryOf('show') === 'behind';
  const shown = lags?.filter((lag) => !isNarrowed || isBehind(lag)) ?? [];
  return (
    <Panel
      title="How far consumers and read models are behind"
      aside={
        <>
          {lags !== undefined &&
            `${count(lags.filter(isBehind).length)} of ${count(lags.length)} are behind, `}
          as their services saw it last;{' '}
          <a href={withQuery({ show: isNarrowed ? undefined : 'behind' })}>
            {isNarrowed ? 'show all' : 'show only what is behind'}
          </a>
        </>
      }
    >
      {lags === undefined ? (
        <Loading rows={8} />
      ) : shown.length === 0 ? (
        <Empty title={isNarrowed ? 'Nothing is behind' : 'No service has looked at its groups yet'} />
      ) : (
        <Table
          label="lags"
          columns={lagColumns}
          rows={shown}
          keyOf={({ group, topic }) => `${group} ${topic}`}
        />
      )}
    </Panel>
  );
}

const orDash = (value: number, text: (value: number) => string) =>
  value === 0 ? <span class="quiet">–</span> : text(value);

const lagColumns: readonly Column<TopicLag>[] = [
  { name: 'Group', cell: ({ group }) => <a href={pathTo('groups', group)}>{group}</a> },
  { name: 'Topic', cell: ({ topic }) => <a href={pathTo('topics', topic)}>{topic}</a> },
  { name: 'Partitions', numeric: true, cell: ({ partitions }) => count(partitions) },
  { name: 'Messages behind', numeric: true, cell: ({ messages }) => orDash(messages, count) },
  {
    name: 'Time behind',
    numeric: true,
    cell: ({ seconds }) => orDash(seconds ?? 0, (value) => span(value * 1_000)),
  },
];
