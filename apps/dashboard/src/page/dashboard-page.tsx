import { signal } from '@preact/signals';
import { follow, nothingHeard } from '../../../console/src/kit/follow.ts';
import { Freshness, Panel } from '../../../console/src/kit/states.tsx';
import { Status } from '../../../console/src/kit/status.tsx';
import { Table, type Column } from '../../../console/src/kit/table.tsx';
import { ThemeSwitch } from '../../../console/src/kit/theme.tsx';
import { count, many } from '../../../console/src/kit/words.ts';
import { keyOf } from '../domain/minute-key.ts';
import type { ShownMinute } from '../domain/page-view.ts';
import { minutesAfter, totalsOf, type MinutesMessage, type MinuteTotal } from './minutes-model.ts';

type Minutes = readonly ShownMinute[];

/** The minutes that the page shows, and how fresh they are. */
const live = signal(nothingHeard<Minutes>());

/** Follows the minutes for as long as the page is open. */
export const followMinutes = (url: string): void =>
  void follow<Minutes>({
    url,
    server: 'the dashboard',
    after(event, { state }, data) {
      const message = JSON.parse(data) as MinutesMessage;
      const before = event === 'snapshot' ? [] : state;
      return { state: before && minutesAfter(before, message), failure: message.stale };
    },
    apply: (change) => (live.value = { ...live.value, ...change(live.value) }),
  });

const minuteOf = (window_start: string): string => window_start.slice(11, 16);

const columns: readonly Column<ShownMinute>[] = [
  {
    name: 'Minute (UTC)',
    cell: ({ window_start }) => <time dateTime={window_start}>{minuteOf(window_start)}</time>,
  },
  { name: 'Page', cell: ({ page_url }) => page_url, wide: true },
  { name: 'Views', cell: ({ page_views }) => count(page_views), numeric: true },
  { name: 'Unique visitors', cell: ({ unique_visitors }) => count(unique_visitors), numeric: true },
  { name: 'Late views', cell: ({ late_views }) => count(late_views), numeric: true },
  { name: 'State', cell: ({ open }) => <Status of={open ? 'open' : 'closed'} /> },
];

/** The page: the views of the last ten minutes as bars, and the figures of each page and minute. */
export function DashboardPage() {
  const { state } = live.value;
  return (
    <main>
      <header>
        <h1>Page views</h1>
        <div class="aside">
          <ThemeSwitch />
        </div>
      </header>
      <Freshness live={live.value} />
      {state !== undefined && state.length > 0 && <Totals totals={totalsOf(state)} />}
      <Panel title="Each page and minute" aside="the last ten minutes; open ones may still change">
        <Table
          label="Each page and minute"
          columns={columns}
          rows={state}
          keyOf={keyOf}
          empty="No views yet"
        />
      </Panel>
    </main>
  );
}

function Totals({ totals }: { readonly totals: readonly MinuteTotal[] }) {
  const highest = Math.max(...totals.map(({ views }) => views), 1);
  const late = totals.reduce((sum, each) => sum + each.late, 0);
  return (
    <Panel
      title="Views per minute"
      aside={late > 0 ? `of the pages below; ${many(late, 'late view')} not counted` : 'of the pages below'}
    >
      <ul class="bars body">
        {totals.map(({ window_start, views, open }) => (
          <li key={window_start} class={open ? 'open' : undefined}>
            <span>{count(views)}</span>
            <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
              <rect y={1 - views / highest} width="1" height={views / highest} />
            </svg>
            <time dateTime={window_start}>{minuteOf(window_start)}</time>
            {open && <span>open</span>}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
