import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Trace } from '../../api/trace.ts';
import { Time } from '../../kit/clock.tsx';
import { Field } from '../../kit/fields.tsx';
import { IdLink, Trail } from '../../kit/links.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { go, queryOf } from '../../kit/router.ts';
import { Empty, LivePage, Missing, Panel } from '../../kit/states.tsx';
import { Tabs, tabOf } from '../../kit/tabs.tsx';
import { count, span } from '../../kit/words.ts';
import { TraceDetails } from './trace-details.tsx';
import { waterfallOf, type Kind } from './trace-model.ts';
import { TraceTree, WaterfallView } from './trace-rows.tsx';

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
          <Field
            label="Correlation id, or the name of an event stream"
            required
            maxLength={256}
            value={id.value}
            typed={(text) => (id.value = text)}
          />
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

interface TracePageProps {
  readonly id: string;
  readonly definitions: readonly string[];
}

/** Everything with one correlation id: causes, effects and times. */
export function TracePage({ id, definitions }: TracePageProps) {
  const live = useLive<Trace>(pathTo('api', 'trace', 'live', id)).value;
  return (
    <LivePage title={<Trail from={['/trace', 'Trace']} here="" id={id} />} live={live}>
      {(trace) =>
        trace.events.length === 0 ? (
          <Unknown id={id} trace={trace} />
        ) : (
          <>
            <Summary trace={trace} />
            <Views trace={trace} definitions={definitions} />
          </>
        )
      }
    </LivePage>
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
                  <IdLink href={pathOf(one)} id={one} />
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
        <p class="quiet">{readAgain(trace)}</p>
      </div>
    </Panel>
  );
}

const readAgain = ({ settled }: Trace): string =>
  settled ? 'Nothing has happened for 2 minutes, so it is read again every 30 s.' : 'Read again every 1.5 s.';

function Summary({ trace }: { readonly trace: Trace }) {
  const { events, messages, spans, scan } = trace;
  const { from, to } = useMemo(() => waterfallOf(trace, allKinds), [trace]);
  const services = new Set(events.map(({ service }) => service)).size;
  const topics = new Set(messages.map(({ topic }) => topic)).size;
  const ofSpans = spans.length > 0 ? `, ${count(spans.length)} spans` : '';
  return (
    <section class="trace-notes" aria-label="summary">
      <Missing sentences={trace.gaps} />
      <p>
        <strong>
          {`${count(events.length)} events in ${services} services, ${count(messages.length)} messages on ${topics} topics${ofSpans}`}
        </strong>{' '}
        within {span(to - from)}, the first one <Time at={new Date(from).toISOString()} />.{' '}
        <span class="quiet">{readAgain(trace)}</span>
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

const views = [
  ['', 'Waterfall'],
  ['tree', 'Causation tree'],
] as const;

/** The filters of the waterfall. */
const shows = [
  ['', 'everything'],
  ['events', 'events'],
  ['messages', 'messages'],
  ['spans', 'spans'],
] as const;

const kindsOf: Readonly<Record<string, ReadonlySet<Kind>>> = {
  events: new Set(['event']),
  messages: new Set(['message']),
  spans: new Set(['span']),
};

function Views({ trace, definitions }: { readonly trace: Trace; readonly definitions: readonly string[] }) {
  const isTree = tabOf('view', views) === 'tree';
  const show = tabOf('show', shows);
  const waterfall = useMemo(() => waterfallOf(trace, kindsOf[show] ?? allKinds), [trace, show]);
  return (
    <div class="trace-columns">
      <Panel
        title={isTree ? 'What has caused what' : 'When it happened, each below its cause'}
        aside={`${count(isTree ? trace.events.length : waterfall.rows.length)} rows`}
      >
        <div class="body trace-views">
          <Tabs label="views" name="view" options={views} />
          {!isTree && <Tabs label="what is shown" name="show" options={shows} />}
        </div>
        {isTree ? (
          <TraceTree trace={trace} />
        ) : waterfall.rows.length > 0 ? (
          <WaterfallView waterfall={waterfall} />
        ) : (
          <Empty title={`There are no ${show}`}>
            {show === 'spans' && (
              <span>
                Services export spans only if they are told to: <code>npm start -- --trace</code> sends them
                here. The console keeps them in memory.
              </span>
            )}
          </Empty>
        )}
      </Panel>
      <TraceDetails trace={trace} selected={queryOf('row')} definitions={definitions} />
    </div>
  );
}
