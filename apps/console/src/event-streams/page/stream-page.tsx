import type { HistoryItem } from '@millrace/operations/contract';
import type { EventOrder, ShownStream } from '../../api/event-streams.ts';
import { Time } from '../../kit/clock.tsx';
import { JsonLine } from '../../kit/json-view.tsx';
import { Trail } from '../../kit/links.tsx';
import { useLive } from '../../kit/live.ts';
import { pathTo } from '../../kit/paths.ts';
import { queryOf, withQuery } from '../../kit/router.ts';
import { Dash, Facts, LivePage, Panel } from '../../kit/states.tsx';
import { Table, type Column } from '../../kit/table.tsx';
import { count } from '../../kit/words.ts';
import { pagesBeside, pageSize } from './stream-model.ts';
import { StreamState } from './stream-state.tsx';

interface StreamName {
  readonly service: string;
  readonly stream: string;
}

/** One stream: its state at any version or moment, the changes, and its events. */
export function StreamPage({ service, stream }: StreamName) {
  const order: EventOrder = queryOf('order') === 'oldest' ? 'oldest' : 'newest';
  const begin = queryOf('begin');
  const query = new URLSearchParams({
    order,
    limit: String(pageSize),
    ...(/^[1-9]\d{0,14}$/.test(begin) && { begin }),
  });
  const path = `${pathTo('api', 'event-streams', 'live', service, stream)}?${query.toString()}`;
  const live = useLive<ShownStream>(path).value;
  const title = <Trail from={['/streams', 'Event streams']} here={service} id={stream} />;
  return (
    <LivePage title={title} live={live} instead={<a href="/streams?view=find">Find another stream</a>}>
      {({ version, updatedAt, events }) => (
        <>
          <Facts of={{ Version: count(version), 'Last change': <Time at={updatedAt} /> }} />
          <StreamState path={pathTo('api', 'event-streams', 'state', service, stream)} last={version} />
          <Events order={order} last={version} events={events} />
        </>
      )}
    </LivePage>
  );
}

interface EventsProps {
  readonly order: EventOrder;
  readonly last: number;
  readonly events: readonly HistoryItem[];
}

function Events({ order, last, events }: EventsProps) {
  const versions = events.map(({ version }) => version);
  const shown = { lowest: Math.min(...versions), highest: Math.max(...versions) };
  const { previous, next } = pagesBeside(order, shown, last);
  const [before, behind] = order === 'newest' ? ['newer', 'older'] : ['older', 'newer'];
  const other = order === 'newest' ? 'oldest' : 'newest';
  return (
    <Panel
      title={`Events ${count(shown.lowest)} to ${count(shown.highest)} of ${count(last)}, the ${order} first`}
      aside={<a href={withQuery({ order: other, begin: undefined })}>Show the {other} first</a>}
    >
      <Table label="events" columns={eventColumns} rows={events} keyOf={({ version }) => String(version)} />
      {(previous ?? next) !== undefined && (
        <p class="more buttons">
          {previous !== undefined && pageLink(previous, `Show ${before} events`)}
          {next !== undefined && pageLink(next, `Show ${behind} events`)}
        </p>
      )}
    </Panel>
  );
}

const pageLink = (begin: number, text: string) => (
  <a class="button" href={withQuery({ begin: String(begin) })}>
    {text}
  </a>
);

const eventColumns: readonly Column<HistoryItem>[] = [
  { name: 'Version', numeric: true, cell: stateLink },
  { name: 'Type', cell: ({ type }) => type },
  { name: 'Recorded', numeric: true, cell: ({ recordedAt }) => <Time at={recordedAt} /> },
  { name: 'Data', wide: true, cell: ({ data }) => <JsonLine value={data} /> },
  { name: 'Actor', cell: ({ actor }) => actor ?? <Dash /> },
  { name: 'Correlation id', cell: traceLink },
];

function stateLink({ version }: HistoryItem) {
  const href = `${withQuery({ version: String(version), at: undefined, compare: undefined })}#state`;
  return (
    <a href={href} title={`the state at version ${version}`}>
      {count(version)}
    </a>
  );
}

function traceLink({ correlationId }: HistoryItem) {
  return (
    <a class="mono cut" href={pathTo('trace', correlationId)} title={correlationId}>
      {correlationId}
    </a>
  );
}
