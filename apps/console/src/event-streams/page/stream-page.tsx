import type { HistoryItem } from '@millrace/operations/contract';
import type { EventOrder, ShownStream } from '../../api/event-streams.ts';
import { Time } from '../../kit/clock.tsx';
import { JsonLine } from '../../kit/json-view.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf, withQuery } from '../../kit/router.ts';
import { Dash, Facts, LivePage, Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count } from '../../kit/words.ts';
import { eventsPage, pageSize } from './stream-model.ts';
import { StreamState } from './stream-state.tsx';

/** One stream: its state at any version or moment, what has changed, and its events. */
export function StreamPage({ service, stream }: { readonly service: string; readonly stream: string }) {
  const order: EventOrder = queryOf('order') === 'oldest' ? 'oldest' : 'newest';
  const begin = queryOf('begin');
  const query = new URLSearchParams({
    order,
    limit: String(pageSize),
    ...(/^[1-9]\d{0,14}$/.test(begin) && { begin }),
  });
  const live = useLive<ShownStream>(
    `${pathTo('api', 'event-streams', 'live', service, stream)}?${query.toString()}`,
  ).value;
  const title = (
    <>
      <a href="/streams">Event streams</a> / {service} <span class="mono">{stream}</span>
    </>
  );
  return (
    <LivePage title={title} live={live} instead={<a href="/streams?view=find">Find another stream</a>}>
      {({ version, updatedAt, events }) => (
        <>
          <Facts of={{ Version: count(version), 'Last change': <Time at={updatedAt} /> }} />
          <StreamState path={pathTo('api', 'event-streams', 'state', service, stream)} last={version} />
          <Events order={order} begin={begin} last={version} events={events} />
        </>
      )}
    </LivePage>
  );
}

interface EventsProps {
  readonly order: EventOrder;
  readonly begin: string;
  readonly last: number;
  readonly events: readonly HistoryItem[];
}

function Events({ order, begin, last, events }: EventsProps) {
  const { lowest, highest, previous, next } = eventsPage(order, begin, last);
  const other = order === 'newest' ? 'oldest' : 'newest';
  const isLater = order === 'newest' ? 'older' : 'newer';
  const isEarlier = order === 'newest' ? 'newer' : 'older';
  return (
    <Panel
      title={`Events ${count(lowest)} to ${count(highest)} of ${count(last)}, the ${order} first`}
      aside={<a href={withQuery({ order: other, begin: undefined })}>Show the {other} first</a>}
    >
      <Table label="events" columns={eventColumns} rows={events} keyOf={({ version }) => String(version)} />
      {(previous ?? next) !== undefined && (
        <p class="more buttons">
          {previous !== undefined && (
            <a class="button" href={withQuery({ begin: String(previous) })}>
              Show {isEarlier} events
            </a>
          )}
          {next !== undefined && (
            <a class="button" href={withQuery({ begin: String(next) })}>
              Show {isLater} events
            </a>
          )}
        </p>
      )}
    </Panel>
  );
}

const eventColumns: readonly Column<HistoryItem>[] = [
  {
    name: 'Version',
    numeric: true,
    cell: ({ version }) => (
      <a
        href={`${withQuery({ version: String(version), at: undefined, compare: undefined })}#state`}
        title={`the state at version ${version}`}
      >
        {count(version)}
      </a>
    ),
  },
  { name: 'Type', cell: ({ type }) => type },
  { name: 'Recorded', numeric: true, cell: ({ recordedAt }) => <Time at={recordedAt} /> },
  { name: 'Data', wide: true, cell: ({ data }) => <JsonLine value={data} /> },
  { name: 'Actor', cell: ({ actor }) => actor ?? <Dash /> },
  {
    name: 'Correlation id',
    cell: ({ correlationId }) => (
      <a class="mono cut" href={pathTo('trace', correlationId)} title={correlationId}>
        {correlationId}
      </a>
    ),
  },
];
