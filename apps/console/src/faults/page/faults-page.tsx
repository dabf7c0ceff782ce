import type { ComponentChildren } from 'preact';
import type { Part, Parts } from '../../api/faults.ts';
import type { OverviewState } from '../../api/overview.ts';
import type { Signed } from '../../kit/act-dialog.tsx';
import { Acts, type Act } from '../../kit/acts.tsx';
import { Time } from '../../kit/clock.tsx';
import type { Live } from '../../kit/follow.ts';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { postJson, session } from '../../kit/session.ts';
import { Dash, LivePage, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count } from '../../kit/words.ts';
import { Checks } from '../../overview/page/overview-page.tsx';
import { endInWords, explanationOf, faultsOf, whatComes, type Fault } from './faults-model.ts';

interface FaultsProps {
  readonly overview: Live<OverviewState>;
  /** Further panels, above the parts. */
  readonly children?: ComponentChildren;
}

/** Kills and pauses parts, and shows how the system heals. */
export const FaultsPage = (props: FaultsProps) =>
  session.value?.faults === false ? <SwitchedOff /> : <SwitchedOn {...props} />;

const SwitchedOff = () => (
  <>
    <h1>Faults</h1>
    <p class="prose">
      This page kills and pauses the processes of the system, so that you can watch it heal. It is off. To
      turn it on, stop the stack and start it again with MILLRACE_FAULTS=1 npm start. It acts on the stack of
      this machine only, whose supervisor starts every process again; it never does in a network of
      containers.
    </p>
  </>
);

function SwitchedOn({ overview: { state: system }, children }: FaultsProps) {
  const live = useLive<Parts>('/api/faults/live').value;
  return (
    <LivePage title="Faults" live={live}>
      {({ parts }) => (
        <>
          <p class="quiet lead">
            Kill or pause a part while orders are under way, and watch the system heal. This acts on the stack
            of this machine only, never on a network of containers.
          </p>
          {system?.checks !== undefined && <Checks checks={system.checks} />}
          {children}
          <Panel
            id="parts"
            title="Parts that the supervisor runs"
            aside="the mail sink runs in the supervisor itself, which starts every other part again"
          >
            <Table label="parts" columns={columns} rows={parts} keyOf={({ process }) => process} />
          </Panel>
        </>
      )}
    </LivePage>
  );
}

const names: Readonly<Record<Fault, string>> = { kill: 'Kill', pause: 'Pause', resume: 'Resume' };

const actsOn = (part: Part): readonly Act[] =>
  faultsOf(part).map((fault) => ({
    name: names[fault],
    title: `${names[fault]} ${part.process}`,
    explanation: explanationOf(fault, part),
    act: (signed: Signed) => postJson(pathTo('api', 'faults', part.instance, fault), signed),
  }));

const pastOf: Readonly<Record<NonNullable<Part['lastAct']>['act'], string>> = {
  stop: 'stopped',
  start: 'started',
  kill: 'killed',
  pause: 'paused',
  resume: 'resumed',
};

const columns: readonly Column<Part>[] = [
  { name: 'Part', cell: ({ process }) => process },
  {
    name: 'State',
    wide: true,
    cell: (part) => (
      <>
        <Status of={part.state === 'running' && part.unansweredMs !== undefined ? 'silent' : part.state} />
        <div class="quiet">{whatComes(part)}</div>
      </>
    ),
  },
  { name: 'Process id', numeric: true, cell: ({ pid }) => pid ?? <Dash /> },
  { name: 'Starts', numeric: true, cell: ({ starts }) => count(starts) },
  {
    name: 'Last end',
    wide: true,
    cell: ({ lastEnd }) =>
      lastEnd === undefined ? (
        <Dash />
      ) : (
        <>
          {endInWords(lastEnd)}
          <div class="quiet">
            <Time at={lastEnd.at} />
          </div>
        </>
      ),
  },
  {
    name: 'Last act',
    wide: true,
    cell: ({ lastAct }) =>
      lastAct === undefined ? (
        <Dash />
      ) : (
        <>
          {pastOf[lastAct.act]} <Time at={lastAct.at} />
          <div class="quiet">{[lastAct.actor, lastAct.reason].filter(Boolean).join(': ')}</div>
        </>
      ),
  },
  { name: 'Faults', cell: (part) => <Acts acts={actsOn(part)} /> },
];
