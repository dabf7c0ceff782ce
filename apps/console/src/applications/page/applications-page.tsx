import type { ApplicationList } from '../../api/applications.ts';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { Dash, LivePage, Missing, Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { bytes, count } from '../../kit/words.ts';
import { processColumns, type Process } from './process-columns.tsx';

interface Row extends Process {
  readonly application: string;
}

/** The stream applications of all processes. */
export const ApplicationsPage = () => (
  <LivePage title="Stream applications" live={useLive<ApplicationList>('/api/applications/live').value}>
    {({ applications, missing }) => (
      <>
        <Missing sentences={missing} />
        <Panel
          title="Applications and their processes"
          aside="An active task handles records; a standby keeps a copy of its state"
        >
          <Table
            label="stream applications"
            columns={columns}
            rows={applications.flatMap(({ application, processes }) =>
              processes.map((process) => ({ application, ...process })),
            )}
            keyOf={({ application, process }) => `${application} ${process}`}
            empty="No process runs a stream application"
          >
            <p>
              <code>npm start -- --with analytics,fraud</code> starts two of them beside the services.
            </p>
          </Table>
        </Panel>
      </>
    )}
  </LivePage>
);

const tasksOf = ({ tasks }: Row, role: 'active' | 'standby'): number =>
  tasks.filter((task) => task.role === role).length;

const columns: readonly Column<Row>[] = [
  {
    name: 'Application',
    cell: ({ application }) => <a href={pathTo('applications', application)}>{application}</a>,
  },
  processColumns.process,
  processColumns.state,
  { name: 'Active tasks', numeric: true, cell: (row) => count(tasksOf(row, 'active')) },
  { name: 'Standbys', numeric: true, cell: (row) => count(tasksOf(row, 'standby')) },
  {
    name: 'State on disk',
    numeric: true,
    cell: (row) =>
      tasksOf(row, 'active') === 0 ? (
        <Dash />
      ) : (
        bytes(row.tasks.reduce((sum, { storeBytes }) => sum + (storeBytes ?? 0), 0))
      ),
  },
  processColumns.recordsToRestore,
  processColumns.failure,
];
