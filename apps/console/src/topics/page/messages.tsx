import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { MessagesPage } from '../../api/topics.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf, withQuery } from '../../kit/router.ts';
import { getJson } from '../../kit/session.ts';
import { Empty, Loading, Panel } from '../../kit/states.tsx';
import { FilterFields, filterOf, PlaceFields } from './message-fields.tsx';
import { MessageList } from './message-list.tsx';
import { foundMore, placeOf, scannedSentence, type Found } from './messages-model.ts';

/** The messages of a topic from a place on that fit a filter; with `raw`, everything that the log stores. */
export function Messages({
  topic,
  partitions,
  raw,
}: {
  readonly topic: string;
  readonly partitions: number;
  readonly raw: boolean;
}) {
  const from = queryOf('from') || '-50';
  const query = new URLSearchParams([
    ...filterOf(),
    ['from', from],
    ...(raw ? [['raw', '1']] : []),
  ] as string[][]);
  const search = useSearch(`${pathTo('api', 'topics', 'messages', topic)}?${query.toString()}`);
  const found = search.found.value;
  const newestFirst = placeOf(from).kind === 'last';
  return (
    <>
      <div class="fields filter">
        <PlaceFields from={from} />
        <FilterFields partitions={partitions} />
      </div>
      <Panel
        title={raw ? 'Raw log' : 'Messages'}
        aside={`${raw ? 'Also markers, and what transactions have aborted or not ended; ' : ''}${newestFirst ? 'the newest first' : 'in the order of time'}`}
      >
        <div class="scanned" role="status">
          <span>{found === undefined ? 'Reading …' : scannedSentence(found)}</span>
          {search.busy.value && found !== undefined && (
            <button type="button" onClick={search.stop}>
              Stop
            </button>
          )}
          {!search.busy.value && found?.next != null && (
            <button type="button" onClick={search.goOn}>
              Go on
            </button>
          )}
        </div>
        {search.problem.value !== '' && <p class="problem">{search.problem.value}</p>}
        {found === undefined ? (
          search.problem.value === '' && <Loading rows={12} />
        ) : found.rows.length === 0 ? (
          <Empty title={found.next === null ? 'No message fits' : 'No message fits so far'}>
            <a href={withQuery({ view: 'tail' })}>Watch what comes next</a>
          </Empty>
        ) : (
          <MessageList topic={topic} raw={raw} rows={newestFirst ? found.rows.toReversed() : found.rows} />
        )}
      </Panel>
    </>
  );
}

/** How many requests follow each other while nothing is found. */
const requestsMax = 10;

/**
 * Asks for the first page of a search, and for others when the reader goes on. Each request is bounded,
 * so that others follow until something is found, everything was read, or the reader stops it.
 */
function useSearch(path: string) {
  const found = useSignal<Found | undefined>(undefined);
  const problem = useSignal('');
  const busy = useSignal(false);
  /** Every search and every stop has a number, so that answers to earlier ones are not shown. */
  const turn = useSignal(0);

  const ask = async () => {
    const mine = ++turn.value;
    busy.value = true;
    problem.value = '';
    const before = found.peek()?.rows.length ?? 0;
    try {
      for (let requests = 0; requests < requestsMax; requests += 1) {
        const next = found.peek()?.next ?? null;
        const page = await getJson<MessagesPage>(next === null ? path : `${path}&positions=${next}`);
        if (turn.peek() !== mine) return;
        found.value = foundMore(found.peek(), page);
        if (page.next === null || (found.peek()?.rows.length ?? 0) > before) break;
      }
    } catch (error) {
      if (turn.peek() === mine) problem.value = (error as Error).message;
    }
    if (turn.peek() === mine) busy.value = false;
  };
  const stop = () => {
    turn.value += 1;
    busy.value = false;
  };
  useEffect(() => {
    found.value = undefined;
    void ask();
    return stop;
  }, [path]);
  return { found, problem, busy, goOn: () => void ask(), stop };
}
