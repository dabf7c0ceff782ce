import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { MessageRow, MessagesPage } from '../../api/topics.ts';
import { Field, QueryField, QuerySelect, Select, UtcField } from '../../kit/fields.tsx';
import { givenQuery } from '../../kit/given-query.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf, setQuery, withQuery } from '../../kit/router.ts';
import { getJson } from '../../kit/session.ts';
import { Empty, Loading, Panel, Problem } from '../../kit/states.tsx';
import { TailPanel } from '../../kit/tail-panel.tsx';
import { MessageList } from './message-list.tsx';
import { foundMore, placeOf, scannedSentence, type Found } from './messages-model.ts';

/** The fields of the address that filter messages. */
const filterFields = ['partition', 'key', 'type', 'correlationId', 'text'];

/** The filter of messages. The console's backend applies it, so that the page receives little. */
const FilterFields = ({ partitions }: { readonly partitions: number }) => (
  <>
    <QuerySelect
      label="Partition"
      name="partition"
      options={[
        ['', `all ${partitions}`],
        ...Array.from({ length: partitions }, (_, partition) => [String(partition), partition] as const),
      ]}
    />
    <QueryField label="Key" name="key" placeholder="the whole key" />
    <QueryField label="Type" name="type" placeholder="the whole type" />
    <QueryField label="Correlation id" name="correlationId" placeholder="the whole id" />
    <QueryField label="Text in the value" name="text" placeholder="a part of it" />
  </>
);

/** The places at which reading can begin, each with its name and its default. */
const places = [
  ['last', 'the newest', () => '-50'],
  ['beginning', 'the beginning', () => 'beginning'],
  ['end', 'the end', () => 'end'],
  ['offset', 'an offset', () => '0'],
  ['time', 'a time', () => new Date(Date.now() - 3_600_000).toISOString()],
] as const;

function PlaceFields({ from }: { readonly from: string }) {
  const { kind, value } = placeOf(from);
  const beginAt = (place: string | undefined) => place && setQuery({ from: place });
  return (
    <>
      <Select
        label="Begin at"
        value={kind}
        options={places.map(([name, title]) => [name, title])}
        chosen={(chosen) => beginAt(places.find(([name]) => name === chosen)?.[2]())}
      />
      {kind === 'last' && (
        <Field
          label="How many"
          type="number"
          min={1}
          max={100_000}
          value={value}
          entered={(many) => beginAt(many && `-${many}`)}
        />
      )}
      {kind === 'offset' && <Field label="Offset" type="number" min={0} value={value} entered={beginAt} />}
      {kind === 'time' && <UtcField label="Time" value={value} entered={beginAt} />}
    </>
  );
}

interface MessagesProps {
  readonly topic: string;
  readonly partitions: number;
}

/** The messages that arrive from now on and match a filter. */
export const LiveTail = ({ topic, partitions }: MessagesProps) => (
  <>
    <div class="fields filter">
      <FilterFields partitions={partitions} />
    </div>
    <TailPanel<MessageRow>
      path={`${pathTo('api', 'topics', 'tail', topic)}?${givenQuery(filterFields)}`}
      title="Live tail"
      what="message"
    >
      {(rows) => <MessageList topic={topic} rows={rows} />}
    </TailPanel>
  </>
);

/** The messages from a place on that match a filter. With `raw`, everything that the log stores. */
export function Messages({ topic, partitions, raw }: MessagesProps & { readonly raw: boolean }) {
  const from = queryOf('from') || '-50';
  const query = givenQuery(filterFields, { from, raw: raw ? '1' : '0' });
  const { found, problem, busy, goOn, stop } = useSearch(
    `${pathTo('api', 'topics', 'messages', topic)}?${query}`,
  );
  const newestFirst = placeOf(from).kind === 'last';
  const order = newestFirst ? 'the newest first' : 'in the order of time';
  const also = raw ? 'Also markers, and what transactions have aborted or not ended; ' : '';
  return (
    <>
      <div class="fields filter">
        <PlaceFields from={from} />
        <FilterFields partitions={partitions} />
      </div>
      <Panel title={raw ? 'Raw log' : 'Messages'} aside={also + order}>
        <div class="scanned" role="status">
          <span>{found === undefined ? 'Reading …' : scannedSentence(found)}</span>
          {found !== undefined && (busy || found.next !== null) && (
            <button type="button" onClick={busy ? stop : goOn}>
              {busy ? 'Stop' : 'Go on'}
            </button>
          )}
        </div>
        <Problem says={problem} />
        {found === undefined ? (
          problem === '' && <Loading rows={12} />
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

/** The number of requests in a row while nothing is found. */
const requestsMax = 10;

interface Search {
  readonly found?: Found;
  readonly problem: string;
  readonly busy: boolean;
}

/**
 * Requests the first page of a search, and further ones when the reader continues. Each request is
 * limited, so others follow until something is found, everything was read, or the reader stops it.
 */
function useSearch(path: string) {
  const search = useSignal<Search>({ problem: '', busy: true });
  /**
   * The number of the present search. Every search and every stop increases it, so that answers to
   * earlier ones are not shown.
   */
  const turn = useSignal(0);

  const change = (fields: Partial<Search>) => (search.value = { ...search.peek(), ...fields });
  const ask = async () => {
    const mine = ++turn.value;
    const isOver = () => turn.peek() !== mine;
    change({ busy: true, problem: '' });
    let { found } = search.peek();
    const before = found?.rows.length ?? 0;
    try {
      for (let requests = 0; requests < requestsMax; requests += 1) {
        const page = await getJson<MessagesPage>(
          found?.next == null ? path : `${path}&positions=${found.next}`,
        );
        if (isOver()) return;
        found = foundMore(found, page);
        change({ found });
        if (page.next === null || found.rows.length > before) break;
      }
    } catch (error) {
      if (!isOver()) change({ problem: (error as Error).message });
    }
    if (!isOver()) change({ busy: false });
  };
  const stop = () => {
    turn.value += 1;
    change({ busy: false });
  };
  useEffect(() => {
    search.value = { problem: '', busy: true };
    void ask();
    return stop;
  }, [path]);
  return { ...search.value, goOn: () => void ask(), stop };
}
