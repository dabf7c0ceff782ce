import { ways, type AppendRates } from './append-load.ts';
import type { TimedRow } from './loads.ts';
import { grouped, table, verdictTable, type Verdict } from '../report.ts';

export interface MessageNumbers {
  readonly relayed: number;
  /** The rate at which the times were measured. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface EventstoreNumbers {
  readonly appends: readonly AppendRates[];
  readonly loads: readonly TimedRow[];
  /** Events a second. */
  readonly reader: number;
  readonly rebuild: number;
  readonly messages: MessageNumbers;
}

export interface RunFacts {
  readonly machine: string;
  readonly date: string;
  /** The load average before the run. */
  readonly load: number;
  readonly command: string;
  readonly events: number;
}

/** How many times Emmett's rate an append must reach. */
const ownTimes = 2;
const rebuildEventsMin = 100_000;
const relayMessagesMin = 20_000;
const handlerMsMax = 10;

export function renderPage(numbers: EventstoreNumbers, facts: RunFacts): string {
  const { appends, loads, reader, rebuild, messages } = numbers;
  return [
    '# The event store beside Emmett and pgbench',
    `${facts.machine}. ${facts.date}, load ${facts.load.toFixed(2)} before the run. \`${facts.command}\` printed this. ` +
      'PostgreSQL and the broker flush to disk. Each rate of appends is the median of the rounds, in which the ways took turns.',
    verdictTable(goalsOf(numbers)),
    table(
      ['appends/s', ...ways],
      appends.map(({ perSecond, ...load }) => [titleOf(load), ...ways.map((way) => shown(perSecond[way]))]),
    ),
    'Every append creates a stream. `own` is an append in a transaction of its own. Emmett appends with `appendToStream`. ' +
      'pgbench calls the SQL function of `own`, and shows what PostgreSQL can do for a client that costs next to nothing.',
    table(
      [`a stream of ${grouped(facts.events)} events`, 'ms'],
      loads.map(([what, ms]) => [what, ms]),
    ),
    table(
      ['followers', ''],
      [
        ['prefix reader, events/s', grouped(reader)],
        ['rebuild of a read model, events/s', grouped(rebuild)],
        ['relay to our broker, messages/s', grouped(messages.relayed)],
        [
          `from the answer to COMMIT to the handler's call, at ${messages.perSecond}/s`,
          `p50 ${messages.p50Ms} ms, p99 ${messages.p99Ms} ms`,
        ],
      ],
    ),
  ].join('\n\n');
}

function goalsOf({ appends, rebuild, messages }: EventstoreNumbers): readonly Verdict[] {
  return [
    ...appends.filter(({ events }) => events === 1).flatMap(appendGoals),
    atLeast('rebuild, events/s', rebuild, rebuildEventsMin),
    atLeast('relay, messages/s', messages.relayed, relayMessagesMin),
    {
      what: 'commit to handler, p50',
      target: `< ${handlerMsMax} ms`,
      measured: `${messages.p50Ms} ms`,
      met: messages.p50Ms < handlerMsMax,
    },
  ];
}

/** There are none without Emmett's rate. */
function appendGoals({ events, count, perSecond }: AppendRates): readonly Verdict[] {
  const { own, Emmett } = perSecond;
  if (own === undefined || Emmett === undefined) return [];
  const ratio = own / Emmett;
  return [
    {
      what: `${titleOf({ events, count })}, own`,
      target: `>= ${ownTimes}x Emmett`,
      measured: `${ratio.toFixed(2)}x`,
      met: ratio >= ownTimes,
    },
  ];
}

const atLeast = (what: string, value: number, least: number): Verdict => ({
  what,
  target: `>= ${grouped(least)}`,
  measured: grouped(value),
  met: value >= least,
});

const titleOf = ({ events, count }: Pick<AppendRates, 'events' | 'count'>): string =>
  `${events} event${events === 1 ? '' : 's'}, ${count} writer${count === 1 ? '' : 's'}`;

const shown = (value: number | undefined): string => (value === undefined ? '-' : grouped(value));
