import type { ApplicationList, ShownApplication } from '../../api/applications.ts';
import { Time } from '../../kit/clock.tsx';
import { Trail } from '../../kit/links.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { withQuery } from '../../kit/router.ts';
import { Dash, Empty, LivePage, Missing, Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { bytes, count, roughSpan, words } from '../../kit/words.ts';
import { processColumns, type Process } from './process-columns.tsx';
import { StoreLookUp } from './store-look-up.tsx';
import { TopologyDiagram } from './topology-diagram.tsx';
import { drawnTopology } from './topology-model.ts';

type Task = Process['tasks'][number] & { readonly process: string };
type Store = ShownApplication['stores'][number];

/** One stream application: its processes, its topology, its tasks and its stores. */
export const ApplicationPage = ({ application }: { readonly application: string }) => (
  <LivePage
    title={<Trail from={['/applications', 'Stream applications']} here={application} />}
    live={useLive<ApplicationList>('/api/applications/live').value}
    aside={() => <a href={pathTo('groups', application)}>Consumer group</a>}
  >
    {({ applications, missing }) => {
      const shown = applications.find((one) => one.application === application);
      return (
        <>
          <Missing sentences={missing} />
          {shown === undefined ? (
            <Empty title={`No process runs ${application}`}>
              <a href="/applications">Show all stream applications</a>
            </Empty>
          ) : (
            <Parts shown={shown} />
          )}
        </>
      );
    }}
  </LivePage>
);

const Parts = ({ shown }: { readonly shown: ShownApplication }) => (
  <>
    <Panel title="Processes">
      <Table
        label="processes"
        columns={columnsOfProcesses}
        rows={shown.processes}
        keyOf={({ process }) => process}
      />
    </Panel>
    <Panel
      title="Topology"
      aside="Records go from left to right. The numbers are those of the sub-topologies, with which tasks begin"
    >
      <TopologyDiagram drawn={drawnTopology(shown)} />
    </Panel>
    <Panel title="Tasks" aside="one for each sub-topology and partition">
      <Table
        label="tasks"
        columns={taskColumns}
        rows={tasksOf(shown)}
        keyOf={({ task, role, process }) => `${task} ${role} ${process}`}
        empty="No process has a task yet"
      />
    </Panel>
    <Panel title="Stores">
      <Table
        label="stores"
        columns={storeColumns}
        rows={shown.stores}
        keyOf={({ name }) => name}
        empty="No stores"
      />
    </Panel>
    <StoreLookUp application={shown.application} stores={shown.stores} />
  </>
);

const tasksOf = ({ processes }: ShownApplication): readonly Task[] =>
  processes
    .flatMap(({ process, tasks }) => tasks.map((task) => ({ process, ...task })))
    .sort((one, other) => one.task.localeCompare(other.task, 'en', { numeric: true }));

const columnsOfProcesses: readonly Column<Process>[] = [
  processColumns.process,
  processColumns.state,
  {
    name: 'Not running for',
    numeric: true,
    cell: ({ notRunningSeconds: seconds }) => (seconds === 0 ? <Dash /> : roughSpan(seconds * 1_000)),
  },
  processColumns.recordsToRestore,
  processColumns.failure,
];

const taskColumns: readonly Column<Task>[] = [
  { name: 'Task', cell: ({ task }) => task },
  { name: 'Role', cell: ({ role }) => role },
  { name: 'Process', cell: ({ process }) => process },
  { name: 'Reads', wide: true, cell: ({ partitions }) => partitions.join(', ') || <Dash /> },
  {
    name: 'State on disk',
    numeric: true,
    cell: ({ storeBytes }) => (storeBytes === null ? <Dash /> : bytes(storeBytes)),
  },
  {
    name: 'Stream time',
    numeric: true,
    cell: ({ streamTime }) => (streamTime === null ? <Dash /> : <Time at={streamTime} />),
  },
  {
    name: 'Standby lag (records)',
    numeric: true,
    cell: ({ role, lagRecords }) => (role === 'standby' ? count(lagRecords) : <Dash />),
  },
];

const storeColumns: readonly Column<Store>[] = [
  { name: 'Store', cell: ({ name }) => <a href={withQuery({ store: name })}>{name}</a> },
  { name: 'Kind', cell: ({ kind }) => words(kind) },
  {
    name: 'Restored from',
    cell: ({ topic }) => (topic === null ? 'not restored' : <a href={pathTo('topics', topic)}>{topic}</a>),
  },
];
