import { median, round, sum } from '../../numbers.ts';
import { table } from '../../report.ts';

/** One backlog that processes of payment have taken. */
export interface BacklogMeasured {
  readonly processes: number;
  readonly orders: number;
  /** The messages of all topics that its group had not read when the processes started. */
  readonly lag: number;
  /** From the start of the processes until their group had committed the last of these messages. */
  readonly readSeconds: number;
  /** From the start of the processes until the provider had answered for every order. */
  readonly chargedSeconds: number;
  /** The commands that each process had handled by then. */
  readonly handled: readonly number[];
  /** How long the provider took for the median charge, with the time to record its answer. */
  readonly callSecondsP50: number;
}

export interface BacklogFacts {
  readonly machine: string;
  readonly date: string;
  readonly command: string;
  readonly orders: number;
  readonly lagThreshold: number;
}

const titles = [
  'processes',
  'lag at the start',
  'seconds until it was read',
  'messages/s',
  'seconds until all were charged',
  'charges/s',
  'commands handled by each process',
  'p50 of a charge, s',
] as const;

/** The measurements in the order in which they were made, and what several processes change. */
export function backlogNumbers(
  measured: readonly BacklogMeasured[],
  { machine, date, command, orders, lagThreshold }: BacklogFacts,
): string {
  return [
    `${date}, ${machine}. \`${command}\`: ${orders} orders for each measurement, and one process for each ` +
      `${lagThreshold} messages of lag.`,
    table(titles, measured.map(rowOf)),
    ...severalOf(measured).map((processes) => comparison(measured, processes)),
  ].join('\n\n');
}

const rowOf = ({
  processes,
  orders,
  lag,
  readSeconds,
  chargedSeconds,
  handled,
  callSecondsP50,
}: BacklogMeasured) => [
  processes,
  lag,
  round(readSeconds),
  round(lag / readSeconds),
  round(chargedSeconds),
  round(orders / chargedSeconds),
  handled.join(' + '),
  round(callSecondsP50),
];

const severalOf = (measured: readonly BacklogMeasured[]): readonly number[] =>
  [...new Set(measured.map(({ processes }) => processes))].filter((processes) => processes > 1);

function comparison(measured: readonly BacklogMeasured[], processes: number): string {
  const medians = (count: number) => {
    const those = measured.filter((each) => each.processes === count);
    return {
      read: round(median(those.map(({ readSeconds }) => readSeconds))),
      charged: round(median(those.map(({ chargedSeconds }) => chargedSeconds))),
      busy: Math.min(...those.map(({ handled }) => handled.filter((commands) => commands > 0).length)),
    };
  };
  const alone = medians(1);
  const several = medians(processes);
  return (
    `In the median, ${processes} processes had read the backlog after ${several.read} s and one after ` +
    `${alone.read} s. All cards were charged after ${several.charged} s and ${alone.charged} s.` +
    (several.busy < processes ? ` Not all processes handled commands.` : '')
  );
}

/** In one line, while the bench runs. */
export const inOneLine = (measured: BacklogMeasured): string =>
  `${measured.processes} of payment: a lag of ${measured.lag} read after ${round(measured.readSeconds)} s, ` +
  `${measured.orders} orders charged after ${round(measured.chargedSeconds)} s, ` +
  `${sum(measured.handled)} commands: ${measured.handled.join(' + ')}`;
