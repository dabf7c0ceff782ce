import type { Reason, Reasons } from '../../api/dead-letters.ts';
import type { JobView } from '../../api/jobs.ts';
import type { Letter } from '../../api/lists.ts';
import type { FirstOfAll } from '../../api/shown.ts';
import { RunningJobs } from '../../jobs/page/running-jobs.tsx';
import { Time } from '../../kit/clock.tsx';
import { named, QueryField } from '../../kit/fields.tsx';
import { FirstRows } from '../../kit/first-rows.tsx';
import { IdLink } from '../../kit/links.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf, withQuery } from '../../kit/router.ts';
import { shownLimit } from '../../kit/show-more.tsx';
import { Dash, Freshness, Missing, Panel } from '../../kit/states.tsx';
import { Status } from '../../kit/status.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { tabOf, Tabs } from '../../kit/tabs.tsx';
import { count, words } from '../../kit/words.ts';
import { DecideButton } from './decide-dialog.tsx';
import { filterIn, isChosen, noFilter, type LetterFilter } from './letters-model.ts';

const states = named(['open', 'decided', 'all']);

interface Filtered {
  readonly filter: LetterFilter;
}

/** The dead letters of all services, by reason and one by one. The address keeps the filter. */
export function LetterListPage({ jobs }: { readonly jobs: readonly JobView[] }) {
  const filter = filterIn(queryOf);
  return (
    <>
      <h1>Dead letters</h1>
      <RunningJobs jobs={jobs} />
      <ByReason filter={filter} />
      <Tabs label="states" name="state" options={states} />
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
      <Letters filter={filter} />
    </>
  );
}

function ByReason({ filter }: Filtered) {
  const live = useLive<Reasons>('/api/dead-letters/live/reasons').value;
  const { reasons = [], complete, missing } = live.state ?? {};
  const letters = reasons.reduce((sum, one) => sum + one.letters, 0);
  const counted = `${count(letters)}${complete ? '' : ' and more'} open`;
  return (
    <>
      <Freshness live={live} />
      <Missing sentences={missing} />
      <Panel
        title="Why messages were given up"
        aside={letters > 0 && `${counted}; choose a kind of error to see its letters`}
      >
        <Table
          label="reasons"
          columns={reasonColumns(filter)}
          rows={live.state?.reasons}
          keyOf={({ service, topic, group, type, code }) => [service, topic, group, type, code].join(' ')}
          empty="No message waits for a decision"
        >
          A message that keeps failing, or that nobody can read, would appear here.
        </Table>
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

function Letters({ filter }: Filtered) {
  const state = tabOf('state', states);
  const query = new URLSearchParams({ ...filter, state, limit: shownLimit() });
  const live = useLive<FirstOfAll<Letter>>(`/api/dead-letters/live?${query.toString()}`).value;
  const mayDecide = state === 'open' && live.state !== undefined && live.state.items.length > 0;
  return (
    <FirstRows
      live={live}
      what="letter"
      order="the oldest first"
      aside={
        mayDecide && (
          <span class="buttons">
            <DecideButton order={{ decision: 'redrive', filter }}>Redrive all</DecideButton>
            <DecideButton order={{ decision: 'discard', filter }}>Discard all</DecideButton>
          </span>
        )
      }
      columns={letterColumns(state)}
      keyOf={({ service, id }) => `${service} ${id}`}
      empty={state === 'all' ? 'No letter fits the filter' : `No ${state} letter fits the filter`}
    >
      {state === 'open' && <a href={withQuery({ state: 'all' })}>Show those that are decided, too</a>}
      {state === 'decided' &&
        'A service deletes letters that are decided once those before them are decided, too.'}
    </FirstRows>
  );
}

const statusColumn: Column<Letter> = {
  name: 'Status',
  cell: ({ decision }) => <Status of={decision?.decision ?? 'open'} />,
};

const letterColumns = (state: string): readonly Column<Letter>[] => [
  {
    name: 'Letter',
    cell: ({ service, id }) => <IdLink href={pathTo('dead-letters', service, id)} id={id} />,
  },
  { name: 'Type', cell: ({ type }) => type },
  { name: 'Key', cell: ({ key }) => (key === null ? <Dash /> : <Key of={key} />) },
  ...(state === 'open' ? [] : [statusColumn]),
  { name: 'Redrives', numeric: true, cell: ({ redrives }) => count(redrives) },
  { name: 'Given up', numeric: true, cell: ({ at }) => <Time at={at} /> },
  { name: 'Reason', wide: true, cell: ({ reason }) => <span class="two-lines">{reason}</span> },
];

const Key = ({ of: key }: { readonly of: string }) => (
  <span class="mono cut" title={key}>
    {key}
  </span>
);
