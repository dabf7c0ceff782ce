import type { FlowView, Overview } from '../api/overview.ts';
import { added, type Figures } from './figures.ts';

const counters = {
  sends: 'messaging_client_sent_messages_total',
  reads: 'messaging_client_consumed_messages_total',
} as const;

/** The previous look. */
export interface FlowsBefore extends Pick<Overview, 'flows' | 'services'> {
  readonly secondsAgo: number;
}

/** A difference over a longer time says nothing about the present rate. */
const differenceSecondsMax = 15;

/**
 * The messages that services have sent and read by topic, with rates from the differences to the
 * previous look. A counter appears with the first message that it counts. If a service does not
 * answer, its totals stay as they were and its rates are 0.
 */
export function flowsOf(figures: Figures, before: FlowsBefore | undefined): readonly FlowView[] {
  const known = new Map(before?.flows.map((flow) => [keyOf(flow), flow]));
  const rateOf = rates(before, known);
  const counted = Object.entries(counters).flatMap(([direction, name]) =>
    figures.by(name, ['messaging_destination_name'], added).map((found): FlowView => {
      const { service, messaging_destination_name: topic, value: total } = found;
      const flow = { service, topic, direction: direction as FlowView['direction'], total };
      return { ...flow, perSecond: rateOf(flow) };
    }),
  );
  const names = new Set(counted.map(keyOf));
  const silent = [...known.values()].filter((flow) => !names.has(keyOf(flow)));
  return [...counted, ...silent.map((flow) => ({ ...flow, perSecond: 0 }))];
}

type Counted = Omit<FlowView, 'perSecond'>;

const keyOf = ({ service, topic, direction }: Pick<FlowView, 'service' | 'topic' | 'direction'>): string =>
  `${service} ${direction} ${topic}`;

function rates(
  before: FlowsBefore | undefined,
  known: ReadonlyMap<string, Counted>,
): (flow: Counted) => number {
  if (before === undefined || before.secondsAgo <= 0 || before.secondsAgo > differenceSecondsMax)
    return () => 0;
  const answered = new Set(
    before.services
      .filter(({ processes }) => processes.every(({ status }) => !isSilent(status)))
      .map(({ service }) => service),
  );
  return (flow) => {
    if (!answered.has(flow.service)) return 0;
    const earlier = known.get(keyOf(flow))?.total ?? 0;
    // A count that has gone down was restarted by a new process.
    const more = flow.total >= earlier ? flow.total - earlier : flow.total;
    return more / before.secondsAgo;
  };
}

const isSilent = (status: string): boolean => status === 'no answer' || status === 'stopped';
