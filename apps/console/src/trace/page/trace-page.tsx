import { useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import type { Trace } from '../../api/trace.ts';
import { Time } from '../../kit/clock.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { go, queryOf, withQuery } from '../../kit/router.ts';
import { Empty, Freshness, Loading, Missing, Panel } from '../../kit/states.tsx';
import { count, span } from '../../kit/words.ts';
import { TraceDetails } from './trace-details.tsx';
import { waterfallOf, type Kind, type Waterfall } from './trace-model.ts';
import { TraceTree } from './trace-tree.tsx';
import { WaterfallView } from './waterfall-view.tsx';

/** A field for a correlation id. */
export function TraceSearchPage() {
  const id = useSignal('');
  const search = (event: Event) => {
    event.preventDefault();
    if (id.value.trim() !== '') go(pathOf(id.value.trim()));
  };
  return (
    <>
      <h1>Trace</h1>
      <Panel title="Show everything with one correlation id">
        <form class="body trace-search" onSubmit={search}>
          <label>
            Correlation id, or the name of an event stream
            <input
              required
              maxLength={256}
              value={id.value}
              onInput={({ currentTarget }) => (id.value = currentTarget.value)}
            />
          </label>
          <button type="submit">Show</button>
        </form>
        <p class="body quiet">
          A service answers each request with its id in <code>X-Correlation-Id</code>, or takes the one that
          you send. Events, messages, logs and sagas carry it.
        </p>
      </Panel>
    </>
  );
}

const pathOf = (id: string): string => pathTo('trace', id);

/** Everything with one correlation id: what has caused what, and when. */
export function TracePage({
  id,
  definitions,
}: {
  readonly id: string;
  readonly definitions: readonly string[];
}) {
  const look = useSignal(0);
  const live = useLive<Trace>(`${pathTo('api', 'trace', 'live', id)}?look=${look.value}`);
  const before = useRef<{ readonly id: string; readonly trace: Trace } | null>(null);
  const state = live.value.state;
  if (state?.events !== undefined) before.current = { id, trace: state as Trace };
  const trace = before.current?.id === id ? before.current.trace : undefined;
  return (
    <>
      <h1>
        <a href="/trace">Trace</a> / <span class="mono">{id}</span>
      </h1>
      <Freshness live={live.value} />
      {trace === undefined ? (
        <Panel title="What happened">
          <Loading rows={10} />
        </Panel>
      ) : trace.events.length === 0 ? (
        <Unknown id={id} trace={trace} />
      ) : (
        <>
          <Summary trace={trace} lookAgain={() => (look.value += 1)} />
          <Views trace={trace} definitions={definitions} />
        </>
      )}
    </>
  );
}

function Unknown({ id, trace }: { readonly id: string; readonly trace: Trace }) {
  return (
    <Panel title="No event has this correlation id">
      <div class="body trace-notes">
        <Missing sentences={trace.gaps} />
        {trace.ofStream.length > 0 ? (
          <>
            <p>There is a stream with this name. The correlations of its events, the oldest first:</p>
            <ul>
              {trace.ofStream.map((one) => (
                <li key={one}>
                  <a class="mono" href={pathOf(one)}>
                    {one}
                  </a>
                </li>
              ))}
            </ul>
          </>
        ) : (
          <p>
            {trace.asked.join(', ')} were asked for events with the correlation id <code>{id}</code> and for a
            stream with this name. The topics were not searched, because without an event the time is not
            known.
          </p>
        )}
        <p class="quiet">
          {trace.settled
            ? 'They are no longer asked: load the page again.'
            : 'They are asked again every 1.5 s.'}
        </p>
      </div>
    </Panel>
  );
}

function Summary({ trace, lookAgain }: { readonly trace: Trace; readonly lookAgain: () => void }) {
  const { events, messages, spans, scan, settled } = trace;
  const { from, to } = useMemo(() => waterfallOf(trace, allKinds), [trace]);
  const services = new Set(events.map(({ service }) => service));
  const topics = new Set(messages.map(({ topic }) => topic));
  return (
    <section class="trace-notes" aria-label="summary">
      <Missing sentences={trace.gaps} />
      <p>
        <strong>
          {count(events.length)} events in {services.size} services, {count(messages.length)} messages on{' '}
          {topics.size} topics{spans.length > 0 && `, ${count(spans.length)} spans`}
        </strong>{' '}
        within {span(to - from)}, the first one <Time at={new Date(from).toISOString()} />.{' '}
        {settled ? (
          <>
            Nothing has happened for 2 minutes, so it is no longer followed.{' '}
            <button type="button" class="plain" onClick={lookAgain}>
              Look again
            </button>
          </>
        ) : (
          <span class="quiet">Read again every 1.5 s.</span>
        )}
      </p>
      {scan !== null && scan.topics > 0 && (
        <p class="quiet">
          Scanned {count(scan.records)} records of {scan.topics} topics, written from <code>{scan.from}</code>{' '}
          to <code>{scan.to}</code>
          {scan.stopped === null ? ', all of this time.' : `; stopped early, because ${scan.stopped}.`}
        </p>
      )}
    </section>
  );
}

const allKinds: ReadonlySet<Kind> = new Set(['event', 'message', 'span']);

const filters: Readonly<Record<string, ReadonlySet<Kind>>> = {
  everything: allKinds,
  events: new Set(['event']),
  messages: new Set(['message']),
  spans: new Set(['span']),
};

function Views({ trace, definitions }: { readonly trace: Trace; readonly definitions: readonly string[] }) {
  const isTree = queryOf('view') === 'tree';
  const shown = filters[queryOf('show')] === undefined ? 'everything' : queryOf('show');
  const waterfall = useMemo(() => waterfallOf(trace, filters[shown] ?? allKinds), [trace, shown]);
  return (
    <div class="trace-columns">
      <Panel
        title={isTree ? 'What has caused what' : 'When it happened, each below its cause'}
        aside={`${count(isTree ? trace.events.length : waterfall.rows.length)} rows`}
      >
        <div class="body trace-views">
          <nav class="tabs" aria-label="views">
            <a href={withQuery({ view: undefined })} aria-current={isTree ? undefined : 'true'}>
              Waterfall
            </a>
            <a href={withQuery({ view: 'tree' })} aria-current={isTree ? 'true' : undefined}>
              Causation tree
            </a>
          </nav>
          {!isTree && <Filter shown={shown} />}
        </div>
        {isTree ? <TraceTree trace={trace} /> : <Found waterfall={waterfall} shown={shown} />}
      </Panel>
      <TraceDetails trace={trace} selected={queryOf('row')} definitions={definitions} />
    </div>
  );
}

function Found({ waterfall, shown }: { readonly waterfall: Waterfall; readonly shown: string }) {
  if (waterfall.rows.length > 0) return <WaterfallView waterfall={waterfall} />;
  return (
    <Empty title={`There are no ${shown}`}>
      {shown === 'spans' && (
        <span>
          Services export spans only if they are told to: <code>npm start -- --trace</code> sends them here.
          The console keeps them in memory.
        </span>
      )}
    </Empty>
  );
}

const Filter = ({ shown }: { readonly shown: string }) => (
  <nav class="tabs" aria-label="what is shown">
    {Object.keys(filters).map((one) => (
      <a
        key={one}
        href={withQuery({ show: one === 'everything' ? undefined : one })}
        aria-current={one === shown ? 'true' : undefined}
      >
        {one}
      </a>
    ))}
  </nav>
);
