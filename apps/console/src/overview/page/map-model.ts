import type { FlowView, Overview, OutsideView, ServiceView } from '../../api/overview.ts';

/** Lengths are in pixels of the drawing, which is as wide as its place. */
export interface MapModel {
  readonly width: number;
  readonly height: number;
  /** The width of the column with the names of the topics; 0 if the names are above their lanes. */
  readonly gutter: number;
  readonly stations: readonly Station[];
  readonly lanes: readonly Lane[];
  readonly arrows: readonly Arrow[];
}

/** A service, drawn as a card with a rail that leads down to the topics. */
export interface Station {
  readonly service: ServiceView;
  readonly left: number;
  readonly width: number;
  /** The position of its rail. */
  readonly centre: number;
  readonly outside: readonly OutsideView[];
}

/** A topic, drawn as a line between its senders and its readers. */
export interface Lane {
  readonly topic: string;
  readonly y: number;
  readonly from: number;
  readonly to: number;
  readonly perSecond: number;
  /**
   * The position of its name: in the gutter, or right of the rails of the service at its left end.
   */
  readonly nameAt: number;
  readonly nameWidth: number;
}

/** Messages of one service on one topic: down its rail to the lane, or up from it. */
export interface Arrow {
  readonly flow: FlowView;
  readonly x: number;
  readonly from: number;
  readonly to: number;
  readonly pace: Pace;
}

/** The speed of the drawn messages. */
type Pace = 'still' | 'slow' | 'steady' | 'fast';

export const cardTop = 2;
export const cardHeight = 64;
const laneTop = cardTop + cardHeight + 36;
const laneStep = { beside: 26, above: 34 };
const bottomGap = 26;
export const footHeight = 46;
const railGap = 7;
const gutterWidth = 216;
const gutterFromWidth = 880;
const rateWidth = 52;

const paceOf = (perSecond: number): Pace =>
  perSecond === 0 ? 'still' : perSecond < 2 ? 'slow' : perSecond < 50 ? 'steady' : 'fast';

/** The topics in the order of their senders, so that lines are short. */
function topicsOf(flows: readonly FlowView[], services: readonly string[]): readonly string[] {
  const rank = (topic: string) => {
    const senders = flows
      .filter((flow) => flow.topic === topic && flow.direction === 'sends')
      .map(({ service }) => services.indexOf(service));
    const readers = flows
      .filter((flow) => flow.topic === topic && flow.direction === 'reads')
      .map(({ service }) => services.indexOf(service));
    const mean = (places: readonly number[]) =>
      places.reduce((sum, one) => sum + one, 0) / (places.length || 1);
    return senders.length === 0 ? mean(readers) : (mean(senders) + mean(readers)) / 2;
  };
  const topics = [...new Set(flows.map(({ topic }) => topic))].filter((topic) => !topic.endsWith('.dlq'));
  return topics.sort((one, other) => rank(one) - rank(other) || one.localeCompare(other));
}

export function mapOf({ services, flows, outside }: Overview, width: number): MapModel {
  const names = services.map(({ service }) => service);
  const gutter = width >= gutterFromWidth ? gutterWidth : 0;
  const column = (width - gutter) / Math.max(1, services.length);
  const gap = Math.min(14, column * 0.08);
  const stations = services.map((service, index): Station => ({
    service,
    left: gutter + index * column + gap / 2,
    width: column - gap,
    centre: gutter + (index + 0.5) * column,
    outside: outside.filter((one) => one.service === service.service),
  }));
  const centreOf = new Map(stations.map(({ service, centre }) => [service.service, centre]));
  const topics = topicsOf(flows, names);
  const step = gutter > 0 ? laneStep.beside : laneStep.above;
  const yOf = new Map(topics.map((topic, index) => [topic, laneTop + index * step]));
  const arrows = flows.flatMap((flow): readonly Arrow[] => {
    const y = yOf.get(flow.topic);
    const centre = centreOf.get(flow.service);
    if (y === undefined || centre === undefined) return [];
    const sends = flow.direction === 'sends';
    const card = cardTop + cardHeight;
    return [
      {
        flow,
        x: centre + (sends ? -railGap : railGap),
        from: sends ? card : y,
        to: sends ? y : card,
        pace: paceOf(flow.perSecond),
      },
    ];
  });
  const lanes = topics.map((topic): Lane => {
    const here = arrows.filter(({ flow }) => flow.topic === topic);
    const places = here.map(({ x }) => x);
    const aboveAt = Math.min(...here.map(({ flow }) => centreOf.get(flow.service) ?? 0)) + railGap + 8;
    return {
      topic,
      y: yOf.get(topic) ?? 0,
      from: Math.min(...places),
      to: Math.max(...places),
      nameAt: gutter > 0 ? 0 : aboveAt,
      nameWidth: (gutter > 0 ? gutter : width - aboveAt) - rateWidth,
      perSecond: here
        .filter(({ flow }) => flow.direction === 'sends')
        .reduce((sum, { flow }) => sum + flow.perSecond, 0),
    };
  });
  const lanesEnd = laneTop + Math.max(0, topics.length - 1) * step;
  arrows.sort((one, other) => Number(one.pace !== 'still') - Number(other.pace !== 'still'));
  return { width, height: lanesEnd + bottomGap + footHeight, gutter, stations, lanes, arrows };
}
