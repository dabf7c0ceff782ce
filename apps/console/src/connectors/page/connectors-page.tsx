import type { ConnectorAct, ConnectorList, ShownConnector, ShownTask } from '../../api/connectors.ts';
import { Acts, type Act } from '../../kit/acts.tsx';
import { Trail } from '../../kit/links.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { postJson } from '../../kit/session.ts';
import { Dash, Empty, Facts, LivePage, Missing, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count } from '../../kit/words.ts';

const liveConnectors = '/api/connectors/live';

/** The connectors of Connect. */
export const ConnectorsPage = () => (
  <LivePage title="Connectors" live={useLive<ConnectorList>(liveConnectors).value}>
    {({ connectors, missing }) => (
      <>
        <Missing sentences={missing} />
        <Panel title="Connectors" aside="A source writes to topics, and a sink reads them">
          <Table
            label="connectors"
            columns={columns}
            rows={connectors}
            keyOf={({ name }) => name}
            empty="There is no connector"
          >
            <p>
              <code>npm start -- --with connect</code> starts a worker, and{' '}
              <code>npm run millrace -- connectors put FILE</code> creates a connector.
            </p>
          </Table>
        </Panel>
      </>
    )}
  </LivePage>
);

/** One connector: its state, its tasks and its configuration. */
export const ConnectorPage = ({ connector }: { readonly connector: string }) => (
  <LivePage
    title={<Trail from={['/connectors', 'Connectors']} here={connector} />}
    live={useLive<ConnectorList>(liveConnectors).value}
    aside={({ connectors }) =>
      connectors.some(({ name, kind }) => name === connector && kind === 'sink') && (
        <a href={pathTo('groups', `connect-${connector}`)}>Consumer group</a>
      )
    }
  >
    {({ connectors, missing }) => {
      const shown = connectors.find(({ name }) => name === connector);
      return (
        <>
          <Missing sentences={missing} />
          {shown === undefined ? (
            <Empty title={`There is no connector ${connector}`}>
              <a href="/connectors">Show all connectors</a>
            </Empty>
          ) : (
            <Parts shown={shown} />
          )}
        </>
      );
    }}
  </LivePage>
);

const Parts = ({ shown }: { readonly shown: ShownConnector }) => (
  <>
    <Panel title="State" aside={<Acts acts={actsOn(shown)} />}>
      <Facts
        of={{
          State: <Status of={shown.state} />,
          Kind: shown.kind,
          Class: <code>{shown.connectorClass}</code>,
          Worker: shown.worker,
          'Lag in records': shown.lag !== null && count(shown.lag),
          Failure: shown.failure ?? undefined,
        }}
      />
    </Panel>
    <Panel title="Tasks">
      <Table
        label="tasks"
        columns={taskColumns}
        rows={shown.tasks}
        keyOf={({ id }) => String(id)}
        empty="No task runs"
      />
    </Panel>
    <Panel title="Configuration">
      <Table
        label="configuration"
        columns={settingColumns}
        rows={Object.entries(shown.config).sort()}
        keyOf={([name]) => name}
      />
    </Panel>
  </>
);

const isRunning = ({ state }: ShownTask): boolean => state === 'running';

interface Words {
  readonly name: string;
  readonly explanation: string;
}

const words: Readonly<Record<ConnectorAct, Words>> = {
  restart: {
    name: 'Restart',
    explanation: 'Starts the connector and all of its tasks again from what they have committed.',
  },
  'restart-failed': {
    name: 'Restart what failed',
    explanation: 'Starts the tasks again that have failed. Mend the cause first, or they fail again.',
  },
  pause: { name: 'Pause', explanation: 'The tasks stop reading and keep their places until they resume.' },
  resume: { name: 'Resume', explanation: 'The tasks go on from where they have stopped.' },
  stop: {
    name: 'Stop',
    explanation: 'The connector gives up its tasks until it resumes. Its offsets can then be changed.',
  },
};

function actsOn(shown: ShownConnector): readonly Act[] {
  const failed = shown.state === 'failed' || shown.failure !== null;
  const offered: readonly ConnectorAct[] =
    shown.state === 'paused' || shown.state === 'stopped'
      ? ['resume']
      : [...(failed ? (['restart-failed'] as const) : []), 'restart', 'pause', 'stop'];
  return offered.map((act) => ({
    ...words[act],
    title: `${words[act].name}: ${shown.name}`,
    act: (signed) => postJson(pathTo('api', 'connectors', shown.name, act), signed),
  }));
}

const columns: readonly Column<ShownConnector>[] = [
  { name: 'Connector', cell: ({ name }) => <a href={pathTo('connectors', name)}>{name}</a> },
  { name: 'Kind', cell: ({ kind }) => kind },
  { name: 'State', cell: ({ state }) => <Status of={state} /> },
  {
    name: 'Tasks running',
    numeric: true,
    cell: ({ tasks }) => `${tasks.filter(isRunning).length} of ${tasks.length}`,
  },
  {
    name: 'Lag in records',
    numeric: true,
    cell: ({ lag }) => (lag === null ? <Dash /> : count(lag)),
  },
  { name: 'Failure', wide: true, cell: ({ failure }) => failure ?? <Dash /> },
];

const taskColumns: readonly Column<ShownTask>[] = [
  { name: 'Task', numeric: true, cell: ({ id }) => id },
  { name: 'State', cell: ({ state }) => <Status of={state} /> },
  { name: 'Worker', cell: ({ worker }) => worker },
  { name: 'Failure', wide: true, cell: ({ failure }) => failure ?? <Dash /> },
];

const settingColumns: readonly Column<readonly [string, string]>[] = [
  { name: 'Setting', cell: ([name]) => <code>{name}</code> },
  { name: 'Value', wide: true, cell: ([, value]) => value },
];
