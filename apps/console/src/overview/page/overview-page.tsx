import type { SagaState } from '@millrace/operations/contract';
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
import type { Live } from '../../kit/follow.ts';
import { pathTo } from '../../kit/paths.ts';
import { Freshness, Loading, Panel } from '../../kit/states.tsx';
import { Sign, Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, many } from '../../kit/words.ts';
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
      <header>
        <h1>Overview</h1>
        {state?.checks !== undefined && <Verdict checks={state.checks} />}
      </header>
      <Freshness live={live} />
      {state?.services === undefined ? (
        <Loading rows={8} />
      ) : (
        <System overview={state as Overview}>{children}</System>
      )}
    </>
  );
}

function Verdict({ checks }: { readonly checks: readonly CheckView[] }) {
  const broken = checks.filter(({ holds }) => !holds).length;
  const tone = broken === 0 ? 'done' : 'failed';
  return (
    <span class={`status ${tone}`}>
      <Sign tone={tone} />
      {broken === 0 ? 'All is well' : `${broken} of ${many(checks.length, 'check')} failed`}
    </span>
  );
}

interface SystemProps {
  readonly overview: Overview;
  readonly children: ComponentChildren;
}

function System({ overview, children }: SystemProps) {
  const { checks, faults, sagas, lags, services } = overview;
  const behind = lags.filter(({ messages }) => messages > 0);
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
        <Table
          label="sagas by state"
          columns={sagaColumns}
          rows={sagas}
          keyOf={(one) => `${one.service} ${one.definition}`}
          empty="No saga has run since the services started"
        />
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
          <Table
            label="lag by group and topic"
            columns={lagColumns}
            rows={behind.sort((one, other) => other.messages - one.messages)}
            keyOf={(one) => `${one.group} ${one.topic}`}
            empty={`All ${count(lags.length)} subscriptions have read everything`}
          />
        </Panel>
      </div>
    </>
  );
}

export function Checks({ checks }: { readonly checks: readonly CheckView[] }) {
  return (
    <ul class="panel tiles" aria-label="what is always true of a system that works">
      {checks.map(({ name, holds, detail, page }) => (
        <li key={name} class={holds ? undefined : 'broken'}>
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

const states = [
  ['Running', 'running', ({ running }) => running],
  ['Compensating', 'compensating', ({ compensating }) => compensating],
  ['Closing', 'closing', ({ closing }) => closing],
  ['Need attention', 'needs_attention', ({ needsAttention }) => needsAttention],
  ['Completed', 'completed', ({ completed }) => completed],
  ['Compensated', 'compensated', ({ compensated }) => compensated],
] as const satisfies ReadonlyArray<
  readonly [name: string, state: SagaState, of: (sagas: SagasView) => number]
>;

const sagaColumns: readonly Column<SagasView>[] = [
  {
    name: 'Definition',
    cell: ({ service, definition }) => <a href={pathOfDefinition(service, definition)}>{definition}</a>,
  },
  { name: 'Service', cell: ({ service }) => service },
  ...states.map(([name, state, of]) => ({
    name,
    numeric: true,
    cell: (sagas: SagasView) => {
      const query = new URLSearchParams({ definition: sagas.definition, state });
      const instances = of(sagas);
      return instances === 0 ? (
        <span class="quiet">0</span>
      ) : (
        <a href={`/sagas?${query.toString()}`}>{count(instances)}</a>
      );
    },
  })),
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
