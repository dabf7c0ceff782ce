import { JsonView } from '../../kit/json-view.tsx';
import { queryOf, withQuery } from '../../kit/router.ts';
import { useWidth } from '../../kit/width.ts';
import { span } from '../../kit/words.ts';
import { captionOf, lifelinesOf, rowsOf, type Row } from './sequence-model.ts';
import type { OrderInside } from '../views.ts';

const rowHeight = 30;
const headHeight = 34;
/**
 * How much lower every second name is drawn if the names of the services need more room than a
 * column has.
 */
const staggerHeight = 16;
const columnWidthOfName = 88;
const timeWidth = 64;
const letterWidth = 7.2;

interface SequenceProps {
  readonly trace: OrderInside['trace'];
  readonly services: readonly string[];
}

/** Messages between services and events within them, from top to bottom in the order of time. */
export function Sequence({ trace, services }: SequenceProps) {
  const { place, width } = useWidth({ first: 720, min: 300 });
  const rows = rowsOf(trace);
  const lifelines = lifelinesOf(rows, services);
  const column = (width.value - timeWidth) / Math.max(1, lifelines.length);
  const xOf = (service: string) => timeWidth + (lifelines.indexOf(service) + 0.5) * column;
  const stagger = column < columnWidthOfName ? staggerHeight : 0;
  const head = headHeight + stagger;
  const height = head + rows.length * rowHeight + 12;
  const chosen = rows.find(({ key }) => key === queryOf('row'));
  const beginAt = rows[0]?.at ?? 0;
  return (
    <div class="sequence">
      <div ref={place}>
        <svg
          width={width.value}
          height={height}
          role="group"
          aria-label="what the services have said and recorded"
        >
          <defs>
            <marker
              id="head"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              orient="auto-start-reverse"
            >
              <path d="M0 0.5 7.5 4 0 7.5z" />
            </marker>
          </defs>
          {lifelines.map((service, index) => (
            <g key={service}>
              <line class="lifeline" x1={xOf(service)} x2={xOf(service)} y1={head - 6} y2={height} />
              <text
                class="service"
                x={xOf(service)}
                y={18 + (index % 2 === 1 ? stagger : 0)}
                text-anchor="middle"
              >
                {service}
              </text>
            </g>
          ))}
          {rows.map((row, index) => (
            <RowMark
              key={row.key}
              row={row}
              y={head + index * rowHeight}
              width={width.value}
              xOf={xOf}
              beginAt={beginAt}
              isChosen={row === chosen}
            />
          ))}
        </svg>
      </div>
      {chosen === undefined ? <Legend /> : <Chosen row={chosen} />}
    </div>
  );
}

const Legend = () => (
  <aside class="hint" aria-label="what the signs mean">
    <p>Choose a row to see what it contains, which pattern it shows, and the file to read.</p>
    <ul class="quiet">
      <li>
        <span class="done">●</span> An event: the service has decided, and recorded it in its own stream.
      </li>
      <li>
        <span class="running">→</span> A command: a saga asks a service to do something.
      </li>
      <li>
        <span class="idle">→</span> A public event: the service tells all others.
      </li>
      <li>
        <span class="idle">○</span> A message that sets nothing off here.
      </li>
    </ul>
  </aside>
);

interface MarkProps {
  readonly row: Row;
  readonly y: number;
  readonly width: number;
  readonly xOf: (service: string) => number;
  readonly beginAt: number;
  readonly isChosen: boolean;
}

function RowMark({ row, y, width, xOf, beginAt, isChosen }: MarkProps) {
  return (
    <g>
      <text aria-hidden="true" class="time" x={timeWidth - 10} y={y + 19} text-anchor="end">
        +{span(row.at - beginAt)}
      </text>
      <a
        href={withQuery({ row: isChosen ? undefined : row.key })}
        class={isChosen ? 'row chosen' : 'row'}
        aria-label={inWords(row)}
      >
        <rect x={timeWidth - 6} y={y} width={width - timeWidth + 6} height={rowHeight} />
        {row.kind === 'event' ? (
          <EventMark row={row} y={y} x={xOf(row.service)} width={width} />
        ) : (
          <MessageMark row={row} y={y} xOf={xOf} width={width} />
        )}
      </a>
    </g>
  );
}

/** The label of a row. It begins with the visible text, for users of speech input (WCAG 2.5.3). */
const inWords = (row: Row): string =>
  row.kind === 'event'
    ? `${row.event.type}: ${row.service} records it`
    : `${row.message.type}: ${row.from} sends it to ${row.to.join(', ') || row.message.topic}`;

interface EventMarkProps {
  readonly row: Extract<Row, { kind: 'event' }>;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

function EventMark({ row, x, y, width }: EventMarkProps) {
  const textWidth = row.event.type.length * letterWidth;
  const atEnd = x + textWidth > width - 16;
  return (
    <g class="event">
      <circle cx={x} cy={y + 15} r={5} />
      <text
        x={atEnd ? Math.max(x - 11, timeWidth + textWidth) : x + 11}
        y={y + 19}
        text-anchor={atEnd ? 'end' : 'start'}
      >
        {row.event.type}
      </text>
    </g>
  );
}

interface MessageMarkProps {
  readonly row: Extract<Row, { kind: 'message' }>;
  readonly y: number;
  readonly xOf: (service: string) => number;
  readonly width: number;
}

function MessageMark({ row, y, xOf, width }: MessageMarkProps) {
  const from = xOf(row.from);
  const targets = row.to.filter((service) => service !== row.from).map(xOf);
  const ends = targets.length > 0 ? targets : [from > width / 2 ? from - 46 : from + 46];
  const reach = [from, ...ends];
  const half = (row.message.type.length * letterWidth) / 2;
  const middle = (Math.min(...reach) + Math.max(...reach)) / 2;
  return (
    <g class={row.isCommand ? 'message command' : 'message'}>
      {ends.map((to) => (
        <path
          key={to}
          d={`M${from} ${y + 21}H${to < from ? to + 2 : to - 2}`}
          marker-end={targets.length > 0 ? 'url(#head)' : undefined}
        />
      ))}
      {targets.length === 0 && <circle class="topic" cx={ends[0]} cy={y + 21} r={3} />}
      <text x={Math.min(Math.max(middle, timeWidth + half), width - half)} y={y + 15} text-anchor="middle">
        {row.message.type}
      </text>
    </g>
  );
}

function Chosen({ row }: { readonly row: Row }) {
  const { text, file } = captionOf(row);
  const content = row.kind === 'event' ? row.event.data : row.message.value;
  return (
    <aside class="chosen" aria-label="the chosen row">
      <h3>{row.kind === 'event' ? row.event.type : row.message.type}</h3>
      <p class="quiet">
        {row.kind === 'event'
          ? `${row.event.stream}, version ${row.event.version}`
          : `${row.message.topic}, partition ${row.message.partition}, offset ${row.message.offset}`}
      </p>
      <p>{text}</p>
      <p>
        <code>{file}</code>
      </p>
      <JsonView value={content} />
      <p>
        <a href={withQuery({ row: undefined })}>Close</a>
      </p>
    </aside>
  );
}
