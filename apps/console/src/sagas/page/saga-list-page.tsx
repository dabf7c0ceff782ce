import type { SagaState } from '@millrace/operations/contract';
import type { JobView } from '../../api/jobs.ts';
import type { ListedSaga } from '../../api/lists.ts';
import type { FirstOfAll } from '../../api/shown.ts';
import { RunningJobs } from '../../jobs/page/running-jobs.tsx';
import { Acts, type Act } from '../../kit/acts.tsx';
import { Time } from '../../kit/clock.tsx';
import { named, QueryField, QuerySelect, type Options } from '../../kit/fields.tsx';
import { FirstRows } from '../../kit/first-rows.tsx';
import { IdLink } from '../../kit/links.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf } from '../../kit/router.ts';
import { postJson } from '../../kit/session.ts';
import { shownLimit } from '../../kit/show-more.tsx';
import { Dash } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import type { Column } from '../../kit/table.tsx';
import { tabOf, Tabs } from '../../kit/tabs.tsx';
import { words } from '../../kit/words.ts';
import { DefinitionLink } from './definition-page.tsx';

/** The states by which the list can be filtered, and the actions on all sagas in each. */
const actionsIn: Readonly<Record<SagaState, readonly ('retry' | 'pause' | 'resume' | 'compensate')[]>> = {
  live: ['pause'],
  running: ['retry', 'pause', 'compensate'],
  compensating: ['retry', 'pause'],
  closing: ['retry', 'pause'],
  needs_attention: ['retry', 'pause', 'compensate'],
  paused: ['resume'],
  completed: [],
  compensated: [],
  all: [],
};
const states: Options = Object.keys(actionsIn).map((state) => [state, words(state)]);

const none: Readonly<Record<string, string>> = {
  live: 'No saga is under way',
  all: 'No saga fits the filter',
};

const ages: Options = [
  ['', 'any age'],
  ['60', 'a minute'],
  ['600', 'ten minutes'],
  ['3600', 'an hour'],
  ['86400', 'a day'],
];

interface SagaListPageProps {
  readonly definitions: readonly string[];
  readonly jobs: readonly JobView[];
}

/** The sagas of all services that match the filter, which the address keeps. */
export function SagaListPage({ definitions, jobs }: SagaListPageProps) {
  const state = tabOf('state', states) as SagaState;
  const fields = {
    state,
    definition: queryOf('definition'),
    step: queryOf('step'),
    olderThanSeconds: queryOf('older'),
  };
  const filter = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
  const query = new URLSearchParams({ ...filter, limit: shownLimit() });
  const live = useLive<FirstOfAll<ListedSaga>>(`/api/sagas/live?${query.toString()}`).value;
  const mayAct = live.state !== undefined && live.state.items.length > 0;
  return (
    <>
      <header>
        <h1>Sagas</h1>
        <a href="/sagas/definitions">Definitions</a>
      </header>
      <Tabs label="states" name="state" options={states} />
      <div class="fields">
        <QuerySelect label="Definition" name="definition" options={[['', 'all'], ...named(definitions)]} />
        <QueryField label="Waits for the step" name="step" placeholder="ship" />
        <QuerySelect label="Older than" name="older" options={ages} />
      </div>
      <RunningJobs jobs={jobs} />
      <FirstRows
        live={live}
        what="saga"
        order="the oldest first"
        aside={mayAct && <Acts acts={actionsIn[state].map((action) => actOnAll(action, filter))} />}
        columns={columns}
        keyOf={(saga) => `${saga.service} ${saga.definition} ${saga.sagaId}`}
        empty={none[state] ?? `No saga is ${words(state)}`}
      >
        <a href="/sagas?state=all">Show all sagas</a>
      </FirstRows>
    </>
  );
}

/** Acts on all sagas of the filter, including those that are not shown. */
const actOnAll = (action: string, filter: object): Act => ({
  name: `${action} all`,
  title: `${action} every saga of this filter`,
  explanation:
    'The console asks the services for one saga after the other. You see the progress, and can stop it.',
  act: (signed) => postJson('/api/sagas/act-on-all', { ...signed, action, filter }),
});

const pathOfSaga = ({ service, definition, sagaId }: ListedSaga): string =>
  pathTo('sagas', service, definition, sagaId);

const columns: readonly Column<ListedSaga>[] = [
  { name: 'Saga', cell: (saga) => <IdLink href={pathOfSaga(saga)} id={saga.sagaId} /> },
  {
    name: 'Definition',
    cell: ({ definition, ...saga }) => <DefinitionLink {...saga} name={definition} />,
  },
  {
    name: 'Status',
    cell: ({ status, needsAttention, paused }) => (
      <Status of={paused ? 'paused' : needsAttention ? 'needs_attention' : status} />
    ),
  },
  { name: 'Waits for', cell: ({ steps, step }) => steps.join(', ') || step || <Dash /> },
  { name: 'Reason', wide: true, cell: ({ reason }) => (reason === null ? <Dash /> : words(reason)) },
  { name: 'Started', numeric: true, cell: ({ startedAt }) => <Time at={startedAt} /> },
  { name: 'Changed', numeric: true, cell: ({ updatedAt }) => <Time at={updatedAt} /> },
];
