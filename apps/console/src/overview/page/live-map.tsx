import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { Overview } from '../../api/overview.ts';
import { Sign, toneOf } from '../../kit/status.tsx';
import { count, perSecond } from '../../kit/words.ts';
import {
  cardHeight,
  cardTop,
  footHeight,
  mapOf,
  type Arrow,
  type Lane,
  type MapModel,
  type Station,
} from './map-model.ts';

const widthMin = 320;

/** The services, the topics between them, and the messages that flow now. */
export function LiveMap({ overview }: { readonly overview: Overview }) {
  const place = useRef<HTMLDivElement>(null);
  const width = useSignal(960);
  useEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => (width.value = Math.max(widthMin, element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const map = mapOf(overview, width.value);
  return (
    <div class="map" ref={place}>
      <svg
        viewBox={`0 0 ${map.width} ${map.height}`}
        height={map.height}
        width="100%"
        role="img"
        aria-label={inWords(map)}
      >
        {map.stations.map((station) => (
          <line
            key={station.service.service}
            class="rail"
            x1={station.centre}
            x2={station.centre}
            y1={cardTop + cardHeight}
            y2={map.height - footHeight}
          />
        ))}
        {map.lanes.map((lane) => (
          <TopicLane key={lane.topic} lane={lane} />
        ))}
        {map.arrows.map((arrow) => (
          <MessageArrow
            key={`${arrow.flow.service} ${arrow.flow.direction} ${arrow.flow.topic}`}
            arrow={arrow}
          />
        ))}
        {map.stations.map((station) => (
          <ServiceCard key={station.service.service} station={station} height={map.height} />
        ))}
      </svg>
    </div>
  );
}

const inWords = ({ stations, lanes }: MapModel): string =>
  `${stations.map(({ service }) => `${service.service} is ${service.status}`).join(', ')}; ` +
  `messages flow on ${
    lanes
      .filter((lane) => lane.perSecond > 0)
      .map(({ topic }) => topic)
      .join(', ') || 'no topic'
  }`;

function TopicLane({ lane }: { readonly lane: Lane }) {
  const { topic, y, from, to } = lane;
  return (
    <g class={lane.perSecond > 0 ? 'lane flowing' : 'lane'}>
      <line x1={from} x2={to} y1={y} y2={y} />
      <text x={from + 10} y={y - 6}>
        {topic}
        {lane.perSecond > 0 && <tspan class="rate">{`  ${perSecond(lane.perSecond)}`}</tspan>}
      </text>
    </g>
  );
}

function MessageArrow({ arrow }: { readonly arrow: Arrow }) {
  const { x, from, to, pace, flow } = arrow;
  const sends = flow.direction === 'sends';
  const lane = sends ? to : from;
  return (
    <g class={`arrow ${flow.direction} ${pace}`}>
      <title>{`${flow.service} ${flow.direction} ${flow.topic}: ${count(flow.total)} since its start, ${perSecond(flow.perSecond)}`}</title>
      <path d={`M${x} ${from}V${to}`} />
      <circle cx={x} cy={lane} r={sends ? 4 : 3.5} />
    </g>
  );
}

function ServiceCard({ station, height }: { readonly station: Station; readonly height: number }) {
  const { service, left, width, centre } = station;
  const tone = toneOf(service.status);
  const narrow = width < 130;
  return (
    <g class={`station ${tone}`}>
      <rect x={left} y={cardTop} width={width} height={cardHeight} rx={8} />
      <svg x={left + (narrow ? 6 : 12)} y={cardTop + 10} width="14" height="14">
        <Sign tone={tone} />
      </svg>
      <text class="name" x={left + (narrow ? 6 : 32)} y={cardTop + (narrow ? 40 : 22)}>
        {narrow ? short(service.service, width) : service.service}
      </text>
      {!narrow && (
        <text class="detail" x={left + 12} y={cardTop + 42}>
          {detailOf(station)}
        </text>
      )}
      {!narrow && service.outboxPending > 0 && (
        <text class="detail" x={left + 12} y={cardTop + 56}>
          {`${count(service.outboxPending)} to publish`}
        </text>
      )}
      <Foot station={station} y={height - footHeight} centre={centre} narrow={narrow} />
    </g>
  );
}

/** What a service keeps and whom it calls: its own database, and systems outside. */
function Foot({
  station,
  y,
  centre,
  narrow,
}: {
  readonly station: Station;
  readonly y: number;
  readonly centre: number;
  readonly narrow: boolean;
}) {
  const { outside } = station;
  return (
    <g class="foot">
      <path
        class="database"
        d={`M${centre - 12} ${y + 4}v14c0 5 24 5 24 0v-14c0-5-24-5-24 0c0 5 24 5 24 0`}
      />
      {!narrow && (
        <text x={centre} y={y + 40} text-anchor="middle">
          {outside.length === 0
            ? 'PostgreSQL'
            : `calls ${outside.map(({ kind, pending }) => (pending > 0 ? `${kind} (${pending})` : kind)).join(', ')}`}
        </text>
      )}
    </g>
  );
}

function detailOf({ service }: Station): string {
  const { processes, liveSagas, parkedKeys, status } = service;
  if (status !== 'ready') return status;
  if (parkedKeys > 0) return `${count(parkedKeys)} keys parked`;
  if (liveSagas > 0) return `${count(liveSagas)} live sagas`;
  return processes.length === 1 ? '1 process' : `${processes.length} processes`;
}

const letterWidth = 6.6;
const short = (name: string, width: number): string =>
  name.length * letterWidth < width - 8
    ? name
    : `${name.slice(0, Math.max(3, Math.floor((width - 14) / letterWidth)))}…`;
