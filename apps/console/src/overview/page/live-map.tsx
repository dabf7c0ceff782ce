import type { Overview } from '../../api/overview.ts';
import { Sign, toneOf } from '../../kit/status.tsx';
import { useWidth } from '../../kit/width.ts';
import { count, many, perSecond } from '../../kit/words.ts';
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

/** The services, the topics between them, and the messages that flow now. */
export function LiveMap({ overview }: { readonly overview: Overview }) {
  const { place, width } = useWidth({ first: 960, min: 280 });
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
        {map.gutter > 0 && <Legend map={map} />}
        {map.lanes.map(({ topic, y, from, to, perSecond: rate }) => (
          <line key={topic} class={rate > 0 ? 'lane flowing' : 'lane'} x1={from} x2={to} y1={y} y2={y} />
        ))}
        {map.arrows.map(({ flow, x, from, to, pace }) => (
          <path key={keyOf(flow)} class={`arrow ${pace}`} d={`M${x} ${from}V${to}`} />
        ))}
        {map.arrows.map((arrow) => (
          <End key={keyOf(arrow.flow)} arrow={arrow} />
        ))}
        {map.lanes.map((lane) => (
          <LaneName key={lane.topic} lane={lane} gutter={map.gutter} />
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

const keyOf = ({ service, direction, topic }: Arrow['flow']): string => `${service} ${direction} ${topic}`;

/** Names the three layers of the drawing, and joins the name of each topic with its lane. */
const Legend = ({ map: { width, height, gutter, lanes } }: { readonly map: MapModel }) => (
  <g class="legend">
    <text class="layer" y={cardTop + 22}>
      Services
    </text>
    <text y={cardTop + 42}>{'● sends  ▲ reads'}</text>
    {lanes[0] !== undefined && (
      <text class="layer" y={lanes[0].y - 20}>
        Topics
      </text>
    )}
    {lanes.map(({ topic, y }) => (
      <line key={topic} x1={gutter} x2={width} y1={y} y2={y} />
    ))}
    <text class="layer" y={height - footHeight + 18}>
      Databases
    </text>
    <text y={height - footHeight + 38}>one each; ↗ systems outside</text>
  </g>
);

function LaneName({ lane, gutter }: { readonly lane: Lane; readonly gutter: number }) {
  const { topic, y, nameAt, nameWidth, perSecond: rate } = lane;
  const flowing = rate > 0 ? ' flowing' : '';
  return (
    <g>
      <text class={`topic${flowing}`} x={nameAt} y={gutter > 0 ? y + 4 : y - 6}>
        {short(topic, nameWidth, monoWidth)}
        {rate > 0 && gutter === 0 && <tspan class="rate">{`  ${perSecond(rate)}`}</tspan>}
      </text>
      {rate > 0 && gutter > 0 && (
        <text class="topic rate" x={gutter - 8} y={y + 4} text-anchor="end">
          {perSecond(rate)}
        </text>
      )}
    </g>
  );
}

/**
 * The end of an arrow: a dot where a service sends to a topic, an arrowhead up to the service where
 * it reads.
 */
function End({ arrow }: { readonly arrow: Arrow }) {
  const { x, from, to, pace, flow } = arrow;
  return (
    <g class={`end ${pace}`}>
      {flow.direction === 'sends' ? (
        <circle cx={x} cy={to} r={4} />
      ) : (
        <path d={`M${x - 5} ${from + 3}l5 -10 5 10z`} />
      )}
      <title>{`${flow.service} ${flow.direction} ${flow.topic}: ${count(flow.total)} since its start, ${perSecond(flow.perSecond)}`}</title>
    </g>
  );
}

function ServiceCard({ station, height }: { readonly station: Station; readonly height: number }) {
  const { service, left, width } = station;
  const tone = toneOf(service.status);
  const narrow = width < 130;
  return (
    <g class={`station ${tone}`}>
      <rect x={left} y={cardTop} width={width} height={cardHeight} rx={8} />
      <svg x={left + (narrow ? 6 : 12)} y={cardTop + 10} width="14" height="14">
        <Sign tone={tone} />
      </svg>
      <text class="name" x={left + (narrow ? 6 : 32)} y={cardTop + (narrow ? 40 : 22)}>
        {short(service.service, width - (narrow ? 8 : 40), boldWidth)}
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
      <Foot station={station} y={height - footHeight} narrow={narrow} />
    </g>
  );
}

interface FootProps {
  readonly station: Station;
  readonly y: number;
  readonly narrow: boolean;
}

/** A service's own database, and the external system that it calls. */
function Foot({ station, y, narrow }: FootProps) {
  const { service, centre, outside } = station;
  const calls = service.callsOutside;
  const pending = outside.reduce((sum, one) => sum + one.pending, 0);
  const middle = calls ? centre - 20 : centre;
  return (
    <g class="foot">
      <path class="database" d={`M${middle - 11} ${y + 4}v13c0 5 22 5 22 0v-13c0-5-22-5-22 0c0 5 22 5 22 0`}>
        <title>{`${service.service} keeps everything in a database of its own`}</title>
      </path>
      {calls && (
        <path
          class={pending > 0 ? 'outside busy' : 'outside'}
          d={`M${centre + 9} ${y + 1}h22v20h-22zM${centre + 16} ${y + 14}l8 -8m-6 0h6v6`}
        >
          <title>
            {outside.map(({ kind, pending: open }) => `${open} calls of ${kind} are pending`).join(', ') ||
              'no call to a system outside is pending'}
          </title>
        </path>
      )}
      {!narrow && (
        <text x={centre} y={y + 38} text-anchor="middle">
          {pending > 0 ? `calls outside: ${count(pending)}` : 'PostgreSQL'}
        </text>
      )}
    </g>
  );
}

function detailOf({ service }: Station): string {
  const { processes, liveSagas, parkedKeys, status } = service;
  if (status !== 'ready') return status;
  if (parkedKeys > 0) return `${many(parkedKeys, 'key')} parked`;
  if (liveSagas > 0) return many(liveSagas, 'live saga');
  return processes.length === 1 ? '1 process' : `${processes.length} processes`;
}

const monoWidth = 7.3;
const boldWidth = 8;

/** Shortens a name to the room that it has. Each letter is `letterWidth` pixels wide. */
const short = (name: string, room: number, letterWidth: number): string =>
  name.length * letterWidth <= room
    ? name
    : `${name.slice(0, Math.max(3, Math.floor(room / letterWidth) - 1))}…`;
