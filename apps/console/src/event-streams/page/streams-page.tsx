import type { FedEvent, ListedStream } from '../../api/event-streams.ts';
import type { FirstOfAll } from '../../api/shown.ts';
import { Time } from '../../kit/clock.tsx';
import { QueryField, ServiceField } from '../../kit/fields.tsx';
import { givenQuery } from '../../kit/given-query.ts';
import { FirstRows } from '../../kit/first-rows.tsx';
import { IdLink } from '../../kit/links.tsx';
import { Lines, type Cells } from '../../kit/lines.tsx';
import { useLive } from '../../kit/live.ts';
import { queryOf, withQuery } from '../../kit/router.ts';
import { shownLimit } from '../../kit/show-more.tsx';
import type { Column } from '../../kit/table.tsx';
import { Tabs, tabOf } from '../../kit/tabs.tsx';
import { TailPanel } from '../../kit/tail-panel.tsx';
import { count, exactTime } from '../../kit/words.ts';
import { pathOfStream } from './stream-model.ts';

const views = [
  ['', 'Live feed'],
  ['find', 'Find streams'],
] as const;

/** The events of all services as they are recorded, and the streams by the beginning of their names. */
export function StreamsPage({ services }: { readonly services: readonly string[] }) {
  const view = tabOf('view', views);
  return (
    <>
      <h1>Event streams</h1>
      <Tabs label="views of the streams" name="view" options={views} />
      <div class="fields filter">
        <ServiceField services={services} />
        <QueryField label="Stream begins with" name="prefix" placeholder="any name" />
        {view === '' && <QueryField label="Type of event" name="type" placeholder="the whole type" />}
      </div>
      {view === '' ? <Feed /> : <Streams />}
    </>
  );
}

function Feed() {
  const query = givenQuery(['service', 'prefix', 'type']);
  return (
    <TailPanel<FedEvent> path={`/api/event-streams/feed?${query}`} title="Live feed" what="event">
      {(rows) => (
        <Lines
          label="events"
          kind="of-events"
          rows={rows}
          columns={feedColumns}
          keyOf={({ service, position }) => `${service} ${position}`}
          hrefOf={({ service, stream, version }) => `${pathOfStream(service, stream)}?version=${version}`}
        />
      )}
    </TailPanel>
  );
}

const feedColumns: Cells<FedEvent> = [
  ['Time (UTC)', ({ recordedAt }) => <time title={recordedAt}>{exactTime(recordedAt)}</time>],
  ['Service', ({ service }) => service],
  ['Type', ({ type }) => type],
  ['Stream', ({ stream }) => <span class="mono">{stream}</span>],
  ['Version', ({ version }) => count(version)],
  ['Data', ({ line }) => <code>{line}</code>],
];

function Streams() {
  const query = givenQuery(['service', 'prefix'], { limit: shownLimit() });
  const live = useLive<FirstOfAll<ListedStream>>(`/api/event-streams/live?${query}`).value;
  return (
    <FirstRows
      live={live}
      what="stream"
      order="in the order of their names"
      columns={streamColumns}
      keyOf={({ service, stream }) => `${service} ${stream}`}
      empty={`No stream begins with ${queryOf('prefix')}`}
    >
      <a href={withQuery({ prefix: undefined, service: undefined })}>Show all streams</a>
    </FirstRows>
  );
}

const streamColumns: readonly Column<ListedStream & { readonly service: string }>[] = [
  {
    name: 'Stream',
    cell: ({ service, stream }) => <IdLink href={pathOfStream(service, stream)} id={stream} />,
  },
  { name: 'Service', cell: ({ service }) => service },
  { name: 'Version', numeric: true, cell: ({ version }) => count(version) },
  { name: 'Last change', numeric: true, cell: ({ updatedAt }) => <Time at={updatedAt} /> },
];
