import type { AlarmView, CheckView, LagView, Overview, ProcessView, SagasView } from '../../api/overview.ts';
import type { Shown } from '../../api/shown.ts';
import { Time } from '../../kit/clock.tsx';
import type { Live } from '../../kit/live.ts';
import { Empty, Freshness, Loading, Panel } from '../../kit/states.tsx';
import { Sign, Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, words } from '../../kit/words.ts';
import { LiveMap } from './live-map.tsx';

/** The whole system at a glance. The heading of every page follows the same state. */
export function OverviewPage({ live }: { readonly live: Live<Shown<Overview>> }) {
  const { state } = live;
  return (
    <>
      <h1>Overview</h1>
      <Freshness live={live} />
      {state?.services === undefined ? <Loading rows={8} /> : <System overview={state as Overview} />}
    </>
  );
}

function System({ overview }: { readonly overview: Overview }) {
  const { checks, alarms, sagas, lags, services } = overview;
  return (
    <>
      <Panel title="Live map" aside="messages per second, from the differences of counters">
        <LiveMap overview={overview} />
      </Panel>
      <div class="columns">
        <Panel title="What is always true">
          <Checks checks={checks} />
        </Panel>
        <Panel id="alarms" title="Alarms">
          {alarms.length === 0 ? <Empty title="No alarm is raised" /> : <Alarms alarms={alarms} />}
        </Panel>
      </div>
      <Panel id="sagas" title="Sagas">
        {sagas.length === 0 ? (
          <Empty title="No saga has run since the services started" />
        ) : (
          <Table
            label="sagas by state"
            columns={sagaColumns}
            rows={sagas}
            keyOf={(one) => `${one.service} ${one.definition}`}
          />
        )}
      </Panel>
      <div class="columns">
        <Panel id="services" title="Processes">
          <Table
            label="processes"
            columns={processColumns}
            rows={services.flatMap(({ processes }) => processes)}
            keyOf={({ process }) => process}
          />
        </Panel>
        <Panel id="lag" title="How far consumers are behind">
          {lags.length === 0 ? (
            <Empty title="No group has read anything yet" />
          ) : (
            <Table
              label="lag by group and topic"
              columns={lagColumns}
              rows={lags}
              keyOf={(one) => `${one.group} ${one.topic}`}
            />
          )}
        </Panel>
      </div>
    </>
  );
}

function Checks({ checks }: { readonly checks: readonly CheckView[] }) {
  return (
    <ul class="checks">
      {checks.map(({ name, holds, detail, page }) => (
        <li key={name} class={holds ? 'holds' : 'broken'}>
          <Sign tone={holds ? 'done' : 'failed'} />
          <span>
            <strong>{holds ? name : <a href={page}>{name}</a>}</strong>
            <span class="quiet">
              {holds ? '' : 'not so: '}
              {detail}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

function Alarms({ alarms }: { readonly alarms: readonly AlarmView[] }) {
  return (
    <ul class="checks">
      {alarms.map((alarm) => (
        <li key={`${alarm.process} ${alarm.alarm} ${alarm.place}`} class="broken">
          <Sign tone="failed" />
          <span>
            <strong>
              <a href={`/runbook/${alarm.runbook}`}>{words(alarm.alarm)}</a>
            </strong>
            <span class="quiet">
              {alarm.process} {alarm.place}: {count(alarm.value)}, more than {count(alarm.threshold)},{' '}
              <Time at={alarm.since} />
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

const link = (definition: string, state: string, value: number) =>
  value === 0 ? (
    <span class="quiet">0</span>
  ) : (
    <a href={`/sagas?definition=${encodeURIComponent(definition)}&state=${state}`}>{count(value)}</a>
  );

const sagaColumns: readonly Column<SagasView>[] = [
  {
    name: 'Definition',
    cell: ({ definition }) => (
      <a href={`/sagas?definition=${encodeURIComponent(definition)}`}>{definition}</a>
    ),
  },
  { name: 'Service', cell: ({ service }) => service },
  { name: 'Running', numeric: true, cell: ({ definition, running }) => link(definition, 'running', running) },
  {
    name: 'Compensating',
    numeric: true,
    cell: ({ definition, compensating }) => link(definition, 'compensating', compensating),
  },
  { name: 'Closing', numeric: true, cell: ({ definition, closing }) => link(definition, 'closing', closing) },
  {
    name: 'Need attention',
    numeric: true,
    cell: ({ definition, needsAttention }) => link(definition, 'needs_attention', needsAttention),
  },
  {
    name: 'Completed',
    numeric: true,
    cell: ({ definition, completed }) => link(definition, 'completed', completed),
  },
  {
    name: 'Compensated',
    numeric: true,
    cell: ({ definition, compensated }) => link(definition, 'compensated', compensated),
  },
];

const processColumns: readonly Column<ProcessView>[] = [
  {
    name: 'Process',
    cell: ({ process, url }) => (
      <a href={`${url}/docs`} target="_blank" rel="noreferrer">
        {process}
      </a>
    ),
  },
  { name: 'Status', cell: ({ status }) => <Status of={status} /> },
  { name: 'Roles', cell: ({ roles }) => (roles.length >= 4 ? 'all' : roles.join(', ')) },
  {
    name: 'What is wrong',
    wide: true,
    cell: ({ failing }) => failing.join('; ') || <span class="quiet">nothing</span>,
  },
];

const lagColumns: readonly Column<LagView>[] = [
  { name: 'Group', cell: ({ group }) => group },
  { name: 'Topic', cell: ({ topic }) => topic },
  { name: 'Messages', numeric: true, cell: ({ messages }) => count(messages) },
  { name: 'Seconds', numeric: true, cell: ({ seconds }) => count(seconds) },
];
