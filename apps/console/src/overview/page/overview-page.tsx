import type { ComponentChildren } from 'preact';
import type {
  CheckView,
  LagView,
  Overview,
  OverviewState,
  ProcessView,
  SagasView,
} from '../../api/overview.ts';
import { Faults } from '../../runbook/page/runbook-page.tsx';
import type { Live } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { Empty, Freshness, Loading, Panel } from '../../kit/states.tsx';
import { Sign, Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count } from '../../kit/words.ts';
import { pathOfDefinition } from '../../sagas/page/definition-page.tsx';
import { LiveMap } from './live-map.tsx';

interface OverviewProps {
  readonly live: Live<OverviewState>;
  /** Further panels, below the live map. */
  readonly children?: ComponentChildren;
}

/** The whole system at a glance. The heading of every page follows the same state. */
export function OverviewPage({ live, children }: OverviewProps) {
  const { state } = live;
  return (
    <>
      <h1>Overview</h1>
      <Freshness live={live} />
      {state?.services === undefined ? (
        <Loading rows={8} />
      ) : (
        <System overview={state as Overview}>{children}</System>
      )}
    </>
  );
}

function System({
  overview,
  children,
}: {
  readonly overview: Overview;
  readonly children: ComponentChildren;
}) {
  const { checks, faults, sagas, lags, services } = overview;
  return (
    <>
      <Checks checks={checks} />
      {faults.length > 0 && (
        <Panel id="faults" title="What calls for an operator">
          <Faults faults={faults} links />
        </Panel>
      )}
      <Panel title="Live map" aside="messages per second, from the differences of counters">
        <LiveMap overview={overview} />
      </Panel>
      {children}
      <Panel id="sagas" title="Sagas" aside="ended ones since their processes started">
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
        <Panel id="lag" title="Consumers that are behind">
          <Lags lags={lags} />
        </Panel>
      </div>
    </>
  );
}

function Lags({ lags }: { readonly lags: readonly LagView[] }) {
  const behind = lags.filter(({ messages }) => messages > 0);
  if (behind.length === 0)
    return <Empty title={`All ${count(lags.length)} subscriptions have read everything`} />;
  return (
    <Table
      label="lag by group and topic"
      columns={lagColumns}
      rows={[...behind].sort((one, other) => other.messages - one.messages)}
      keyOf={(one) => `${one.group} ${one.topic}`}
    />
  );
}

function Checks({ checks }: { readonly checks: readonly CheckView[] }) {
  return (
    <ul class="tiles" aria-label="what is always true of a system that works">
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

const link = (definition: string, state: string, value: number) =>
  value === 0 ? (
    <span class="quiet">0</span>
  ) : (
    <a href={`/sagas?definition=${encodeURIComponent(definition)}&state=${state}`}>{count(value)}</a>
  );

const sagaColumns: readonly Column<SagasView>[] = [
  {
    name: 'Definition',
    cell: ({ service, definition }) => <a href={pathOfDefinition(service, definition)}>{definition}</a>,
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
  { name: 'Group', cell: ({ group }) => <a href={pathTo('groups', group)}>{group}</a> },
  { name: 'Topic', cell: ({ topic }) => <a href={pathTo('topics', topic)}>{topic}</a> },
  { name: 'Messages', numeric: true, cell: ({ messages }) => count(messages) },
  { name: 'Seconds', numeric: true, cell: ({ seconds }) => count(seconds) },
];
