import type { JobView } from '../../api/jobs.ts';
import { useSignal } from '@preact/signals';
import type { Letter, Reason, Reasons } from '../../api/dead-letters.ts';
import type { FirstOfAll } from '../../api/shown.ts';
import { RunningJobs } from '../../jobs/page/running-jobs.tsx';
import { Time } from '../../kit/clock.tsx';
import { QueryField } from '../../kit/fields.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { ActButton } from '../../kit/read-only.tsx';
import { queryOf, withQuery } from '../../kit/router.ts';
import { ShowMore, shownLimit } from '../../kit/show-more.tsx';
import { Empty, Freshness, Loading, Missing, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count, words } from '../../kit/words.ts';
import { DecideDialog } from './decide-dialog.tsx';
import { filterIn, isChosen, noFilter, type LetterFilter } from './letters-model.ts';

const states = ['open', 'decided', 'all'];

/** The dead letters of all services, by reason and one by one. The address keeps the filter. */
export function LetterListPage({ jobs }: { readonly jobs: readonly JobView[] }) {
  const state = states.find((one) => one === queryOf('state')) ?? 'open';
  const filter = filterIn(queryOf);
  return (
    <>
      <h1>Dead letters</h1>
      <RunningJobs jobs={jobs} />
      <ByReason filter={filter} />
      <nav class="tabs" aria-label="states">
        {states.map((one) => (
          <a
            key={one}
            href={withQuery({ state: one === 'open' ? undefined : one })}
            aria-current={one === state ? 'true' : undefined}
          >
            {one}
          </a>
        ))}
      </nav>
      <Filter filter={filter} />
      <Letters filter={filter} state={state} />
    </>
  );
}

function ByReason({ filter }: { readonly filter: LetterFilter }) {
  const live = useLive<Reasons>('/api/dead-letters/live/reasons').value;
  const { reasons, complete, missing } = live.state ?? {};
  const letters = reasons?.reduce((sum, one) => sum + one.letters, 0) ?? 0;
  return (
    <>
      <Freshness live={live} />
      <Missing sentences={missing} />
      <Panel
        title="Why messages were given up"
        aside={
          letters > 0 &&
          `${count(letters)}${complete ? '' : ' and more'} open; choose a kind of error to see its letters`
        }
      >
        {reasons === undefined ? (
          <Loading rows={3} />
        ) : reasons.length === 0 ? (
          <Empty title="No message waits for a decision">
            A message that keeps failing, or that nobody can read, would appear here.
          </Empty>
        ) : (
          <Table
            label="reasons"
            columns={reasonColumns(filter)}
            rows={reasons}
            keyOf={({ service, topic, group, type, code }) => [service, topic, group, type, code].join(' ')}
          />
        )}
      </Panel>
    </>
  );
}

const reasonColumns = (filter: LetterFilter): readonly Column<Reason>[] => [
  {
    name: 'Kind of error',
    cell: (reason) => {
      const { service, topic, type, code } = reason;
      return isChosen(reason, filter) ? (
        <a class="chosen" href={withQuery(noFilter)} aria-current="true">
          {words(code)}
        </a>
      ) : (
        <a href={withQuery({ ...noFilter, service, topic, type, code, state: '' })}>{words(code)}</a>
      );
    },
  },
  { name: 'Letters', numeric: true, cell: ({ letters }) => count(letters) },
  { name: 'Topic', cell: ({ topic }) => topic },
  { name: 'Type', cell: ({ type }) => type },
  { name: 'Group', cell: ({ group }) => group },
  { name: 'Oldest', numeric: true, cell: ({ oldestAt }) => <Time at={oldestAt} /> },
  { name: 'Latest reason', wide: true, cell: ({ latestReason }) => latestReason },
];

function Filter({ filter }: { readonly filter: LetterFilter }) {
  return (
    <div class="fields letter-filter">
      <QueryField label="Service" name="service" placeholder="any" />
      <QueryField label="Topic" name="topic" placeholder="any" />
      <QueryField label="Type" name="type" placeholder="any" />
      <QueryField label="Kind of error" name="code" placeholder="any" />
      <QueryField label="Key" name="key" placeholder="any" />
      {Object.keys(filter).length > 0 && (
        <a class="button" href={withQuery(noFilter)}>
          Clear
        </a>
      )}
    </div>
  );
}

function Letters({ filter, state }: { readonly filter: LetterFilter; readonly state: string }) {
  const query = new URLSearchParams({ ...filter, state, limit: shownLimit() });
  const live = useLive<FirstOfAll<Letter>>(`/api/dead-letters/live/list?${query.toString()}`).value;
  const { items, mayHaveMore } = live.state ?? {};
  return (
    <Panel
      title={
        items === undefined || items.length === 0
          ? 'Letters'
          : `${count(items.length)}${mayHaveMore ? ' and more' : ''}, the oldest first`
      }
      aside={state === 'open' && (items?.length ?? 0) > 0 && <DecideAll filter={filter} />}
    >
      <Freshness live={live} />
      {items === undefined ? (
        <Loading rows={8} />
      ) : items.length === 0 ? (
        <Empty title={state === 'all' ? 'No letter fits the filter' : `No ${state} letter fits the filter`}>
          {state === 'open' && <a href={withQuery({ state: 'all' })}>Show those that are decided, too</a>}
          {state === 'decided' &&
            'A service deletes letters that are decided once those before them are decided, too.'}
        </Empty>
      ) : (
        <Table
          label="letters"
          columns={letterColumns(state)}
          rows={items}
          keyOf={({ service, id }) => `${service} ${id}`}
        />
      )}
      <ShowMore mayHaveMore={mayHaveMore} />
    </Panel>
  );
}

const letterColumns = (state: string): readonly Column<Letter>[] => [
  {
    name: 'Letter',
    cell: ({ service, id }) => (
      <a class="mono" href={pathTo('dead-letters', service, id)}>
        {id}
      </a>
    ),
  },
  { name: 'Type', cell: ({ type }) => type },
  {
    name: 'Key',
    cell: ({ key }) => (
      <span class="mono cut" title={key ?? undefined}>
        {key ?? '–'}
      </span>
    ),
  },
  ...(state === 'open'
    ? []
    : [
        {
          name: 'Status',
          cell: ({ decision }: Letter) => <Status of={decision?.decision ?? 'open'} />,
        },
      ]),
  { name: 'Redrives', numeric: true, cell: ({ redrives }) => count(redrives) },
  { name: 'Given up', numeric: true, cell: ({ at }) => <Time at={at} /> },
  { name: 'Reason', wide: true, cell: ({ reason }) => <span class="two-lines">{reason}</span> },
];

function DecideAll({ filter }: { readonly filter: LetterFilter }) {
  const decision = useSignal<'redrive' | 'discard' | undefined>(undefined);
  return (
    <span class="buttons">
      <ActButton onClick={() => (decision.value = 'redrive')}>Redrive all</ActButton>
      <ActButton onClick={() => (decision.value = 'discard')}>Discard all</ActButton>
      {decision.value !== undefined && (
        <DecideDialog
          order={{ decision: decision.value, filter }}
          close={() => (decision.value = undefined)}
        />
      )}
    </span>
  );
}
