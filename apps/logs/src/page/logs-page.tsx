import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useAnswer } from '../../../console/src/kit/answer.ts';
import { named, QueryField, QuerySelect, UtcField } from '../../../console/src/kit/fields.tsx';
import { follow, nothingHeard } from '../../../console/src/kit/follow.ts';
import { givenQuery } from '../../../console/src/kit/given-query.ts';
import { queryOf, setQuery, withQuery } from '../../../console/src/kit/router.ts';
import { Freshness, Panel, Problem } from '../../../console/src/kit/states.tsx';
import { ThemeSwitch } from '../../../console/src/kit/theme.tsx';
import { count } from '../../../console/src/kit/words.ts';
import { levels, type ShownLine } from '../log-line.ts';
import { Lines } from './lines.tsx';

const filterFields = ['level', 'q', 'service', 'orderId'];

/** The page: a search through the lines, or those that arrive from now on. The address has the filter. */
export function LogsPage() {
  const searches = useSignal(0);
  const isFollowing = queryOf('follow') !== '';
  const search = (event: Event) => {
    event.preventDefault();
    setQuery({ after: '' });
    searches.value += 1;
  };
  return (
    <main>
      <header>
        <h1>Logs</h1>
        <div class="aside">
          <ThemeSwitch />
        </div>
      </header>
      <form class="fields" aria-label="Filter" onSubmit={search} onChange={() => setQuery({ after: '' })}>
        <QuerySelect label="Level" name="level" options={[['', 'all'], ...named(levels)]} />
        <QueryField label="Text" name="q" />
        <QueryField label="Service" name="service" />
        <QueryField label="Order" name="orderId" />
        {!isFollowing && (
          <>
            <UtcField label="From" value={queryOf('from')} entered={(from) => setQuery({ from })} />
            <UtcField label="To" value={queryOf('to')} entered={(to) => setQuery({ to })} />
            <button type="submit">Search</button>
          </>
        )}
        <button
          type="button"
          aria-pressed={isFollowing}
          onClick={() => setQuery({ follow: isFollowing ? '' : '1', after: '' })}
        >
          Follow
        </button>
      </form>
      {isFollowing ? (
        <Tail query={givenQuery(filterFields)} />
      ) : (
        <Found key={searches.value} query={givenQuery([...filterFields, 'from', 'to', 'after'])} />
      )}
    </main>
  );
}

interface FoundLines {
  readonly items: readonly ShownLine[];
  readonly nextCursor: string | null;
}

/** The lines of a search, a page of them at a time. */
function Found({ query }: { readonly query: string }) {
  const { answer, problem } = useAnswer<FoundLines>(`/logs?${query}`).value;
  const isLater = queryOf('after') !== '';
  return (
    <Panel
      title="Lines"
      aside={isLater ? <a href={withQuery({ after: '' })}>Newest lines</a> : 'the newest first'}
    >
      <Problem says={problem?.code === 'no_answer' ? 'the logs app does not answer' : problem?.message} />
      {problem === undefined && <Lines label="Lines" rows={answer?.items} empty="No line matches" />}
      {answer?.nextCursor != null && (
        <p class="more">
          <a href={withQuery({ after: answer.nextCursor })}>Older lines</a>
        </p>
      )}
    </Panel>
  );
}

const keptMax = 1_000;

interface Tailed {
  readonly rows: readonly ShownLine[];
  readonly dropped: number;
}

interface LiveLines {
  readonly lines: readonly ShownLine[];
  readonly dropped: number;
}

/** The lines that arrive from now on. */
function Tail({ query }: { readonly query: string }) {
  const live = useSignal(nothingHeard<Tailed>());
  useEffect(() => {
    live.value = nothingHeard();
    return follow<Tailed>({
      url: `/logs/live?${query}`,
      server: 'the logs app',
      after: (_event, { state = { rows: [], dropped: 0 } }, data) => {
        const { lines, dropped } = JSON.parse(data) as LiveLines;
        const rows = [...lines.toReversed(), ...state.rows].slice(0, keptMax);
        return { state: { rows, dropped: state.dropped + dropped } };
      },
      apply: (change) => (live.value = { ...live.value, ...change(live.value) }),
    });
  }, [query]);
  const { rows, dropped = 0 } = live.value.state ?? {};
  return (
    <>
      <Freshness live={live.value} />
      <Panel
        title="Lines as they arrive"
        aside={dropped > 0 ? `${count(dropped)} left out, because too many came at once` : 'the newest first'}
      >
        <Lines label="Lines as they arrive" rows={rows} empty="No line has arrived yet" />
      </Panel>
    </>
  );
}
