import { useSignal } from '@preact/signals';
import type { SagaState } from '@millrace/operations/contract';
import type { JobView } from '../../api/jobs.ts';
import type { ListedSaga, SagaList } from '../../api/sagas.ts';
import { ActDialog } from '../../kit/act-dialog.tsx';
import { Time } from '../../kit/clock.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { ActButton } from '../../kit/read-only.tsx';
import { queryOf, setQuery, withQuery } from '../../kit/router.ts';
import { postJson } from '../../kit/session.ts';
import { ShowMore, shownLimit } from '../../kit/show-more.tsx';
import { Empty, Freshness, Loading, Missing, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, words } from '../../kit/words.ts';
import { pathOfDefinition } from './definition-page.tsx';
import { RunningJobs } from '../../jobs/page/running-jobs.tsx';

/** The states that the list can be asked for, in the order of the tabs, and what one can do to all sagas in each. */
const actsOn: Readonly<Record<SagaState, readonly ('retry' | 'pause' | 'resume' | 'compensate')[]>> = {
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

/** The sagas of all services that fit the filter, which the address keeps. */
export function SagaListPage({
  definitions,
  jobs,
}: {
  readonly definitions: readonly string[];
  readonly jobs: readonly JobView[];
}) {
  const state = queryOf('state') || 'live';
  const filter = {
    state,
    definition: queryOf('definition'),
    step: queryOf('step'),
    olderThanSeconds: queryOf('older'),
  };
  const given = Object.entries({ ...filter, limit: shownLimit() }).filter(([, value]) => value !== '');
  const live = useLive<SagaList>(`/api/sagas/live?${new URLSearchParams(given).toString()}`);
  const found = live.value.state;
  return (
    <>
      <header>
        <h1>Sagas</h1>
        <a href="/sagas/definitions">Definitions</a>
      </header>
      <Freshness live={live.value} />
      <nav class="tabs" aria-label="states">
        {Object.keys(actsOn).map((one) => (
          <a
            key={one}
            href={withQuery({ state: one === 'live' ? undefined : one })}
            aria-current={one === state ? 'true' : undefined}
          >
            {words(one)}
          </a>
        ))}
      </nav>
      <Filter definitions={definitions} />
      <RunningJobs jobs={jobs} />
      <Panel
        title={
          found?.sagas === undefined
            ? 'Sagas'
            : `${count(found.sagas.length)}${found.mayHaveMore ? ' and more' : ''}, the oldest first`
        }
        aside={<ActOnAll state={state} filter={filter} found={found?.sagas?.length ?? 0} />}
      >
        {found?.sagas === undefined ? <Loading rows={8} /> : <Found found={found} state={state} />}
      </Panel>
    </>
  );
}

function Found({ found, state }: { readonly found: SagaList; readonly state: string }) {
  return (
    <>
      <Missing sentences={found.missing} />
      {found.sagas.length === 0 ? (
        <Empty title={state === 'live' ? 'No saga is under way' : `No saga is ${words(state)}`}>
          <a href="/sagas?state=all">Show all sagas</a>
        </Empty>
      ) : (
        <Table
          label="sagas"
          columns={columns}
          rows={found.sagas}
          keyOf={(saga) => `${saga.service} ${saga.definition} ${saga.sagaId}`}
        />
      )}
      <ShowMore mayHaveMore={found.mayHaveMore} />
    </>
  );
}

export const pathOfSaga = ({
  service,
  definition,
  sagaId,
}: Pick<ListedSaga, 'service' | 'definition' | 'sagaId'>): string =>
  pathTo('sagas', service, definition, sagaId);

const columns: readonly Column<ListedSaga>[] = [
  {
    name: 'Saga',
    cell: (saga) => (
      <a class="mono" href={pathOfSaga(saga)}>
        {saga.sagaId}
      </a>
    ),
  },
  {
    name: 'Definition',
    cell: ({ service, definition, version }) => (
      <a href={`${pathOfDefinition(service, definition)}?version=${version}`}>
        {definition} {version}
      </a>
    ),
  },
  {
    name: 'Status',
    cell: ({ status, needsAttention, paused }) => (
      <Status of={paused ? 'paused' : needsAttention ? 'needs_attention' : status} />
    ),
  },
  { name: 'Waits for', cell: ({ steps, step }) => steps.join(', ') || step || <span class="quiet">–</span> },
  {
    name: 'Reason',
    wide: true,
    cell: ({ reason }) => (reason === null ? <span class="quiet">–</span> : words(reason)),
  },
  { name: 'Started', numeric: true, cell: ({ startedAt }) => <Time at={startedAt} /> },
  { name: 'Changed', numeric: true, cell: ({ updatedAt }) => <Time at={updatedAt} /> },
];

function Filter({ definitions }: { readonly definitions: readonly string[] }) {
  return (
    <div class="fields">
      <label>
        Definition
        <select
          value={queryOf('definition')}
          onChange={({ currentTarget }) => setQuery({ definition: currentTarget.value })}
        >
          <option value="">every definition</option>
          {definitions.map((name) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        Waits for the step
        <input
          value={queryOf('step')}
          placeholder="ship"
          onChange={({ currentTarget }) => setQuery({ step: currentTarget.value })}
        />
      </label>
      <label>
        Older than
        <select
          value={queryOf('older')}
          onChange={({ currentTarget }) => setQuery({ older: currentTarget.value })}
        >
          <option value="">any age</option>
          <option value="60">a minute</option>
          <option value="600">ten minutes</option>
          <option value="3600">an hour</option>
          <option value="86400">a day</option>
        </select>
      </label>
    </div>
  );
}

/** Acts on all sagas of the filter, also on those that are not shown. */
function ActOnAll({
  state,
  filter,
  found,
}: {
  readonly state: string;
  readonly filter: object;
  readonly found: number;
}) {
  const chosen = useSignal<string | undefined>(undefined);
  const acts = Object.hasOwn(actsOn, state) ? actsOn[state as SagaState] : [];
  if (found === 0 || acts.length === 0) return null;
  const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));
  return (
    <span class="buttons">
      {acts.map((action) => (
        <ActButton key={action} onClick={() => (chosen.value = action)}>
          {action} all
        </ActButton>
      ))}
      {chosen.value !== undefined && (
        <ActDialog
          title={`${chosen.value} every saga of this filter`}
          explanation="The console asks the services for one saga after the other. You see the progress, and can stop it."
          confirm={`${chosen.value} all`}
          act={(signed) =>
            postJson('/api/sagas/act-on-all', { ...signed, action: chosen.value, filter: given })
          }
          close={() => (chosen.value = undefined)}
        />
      )}
    </span>
  );
}
