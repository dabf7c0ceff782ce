import { round } from '../numbers.ts';
import type { Hop } from './hops.ts';
import { printedDisturbance, type Disturbance } from './quiet.ts';
import type { PhaseReport } from './report.ts';
import { table, type Cell } from '../report.ts';

export interface SagaNumbers {
  /** At a fixed rate. */
  readonly open: PhaseReport;
  /** With a fixed number of orders in flight. */
  readonly closed: PhaseReport;
  /** One order at a time. */
  readonly lone: PhaseReport;
  /** The CPU time of all processes without an order, in ms per second. */
  readonly idleCpuMsPerSecond: number | null;
  readonly hops: readonly Hop[];
}

export interface SagaFacts {
  readonly machine: string;
  readonly date: string;
  readonly command: string;
  readonly disturbance: Disturbance;
}

export function renderPage(numbers: SagaNumbers, { machine, date, command, disturbance }: SagaFacts): string {
  const { open, closed, lone, hops } = numbers;
  const phases = [open, closed, lone];
  const parts = Object.keys(open.cpuMsPerOrder);
  return [
    '# What an order costs',
    `${machine}. ${date}, ${printedDisturbance(disturbance)}. \`${command}\` printed this. Every tenth order is compensated. ` +
      'The time of an order runs from its request to its end, as a consumer of `order-events` reads it. ' +
      '[What each change gave](saga-changes.md) has earlier figures.',
    table(['target', 'required', 'measured', ''], goalRows(numbers)),
    table(
      ['', ...phases.map(({ phase }) => phase)],
      [
        ['orders', ...phases.map(({ orders }) => orders)],
        ['orders per second', ...phases.map(({ ordersPerSecond }) => ordersPerSecond)],
        ['p50, ms', ...phases.map(({ p50Ms }) => p50Ms)],
        ['p99, ms', ...phases.map(({ p99Ms }) => p99Ms)],
        ['slowest, ms', ...phases.map(({ slowestMs }) => slowestMs)],
        ...parts.map((part): Cell[] => [
          `CPU ms per order: ${part}`,
          ...phases.map(({ cpuMsPerOrder }) => cpuMsPerOrder[part] ?? '?'),
        ]),
        ['SQL statements per saga step', ...phases.map(({ statementsPerStep }) => statementsPerStep)],
        ['SQL round trips per saga step', ...phases.map(({ roundTripsPerStep }) => roundTripsPerStep)],
      ],
    ),
    `The hops of ${open.phase}, p50 / p90 / p99 in ms: from the publication of a message until a handler has written the ` +
      'one that it causes, and from there to its own publication.',
    table(
      ['message', 'causes', 'count', 'handled', 'published'],
      hops.map(({ from = 'a request', to, count, handled, published }) => [
        from,
        to,
        count,
        handled === undefined ? '' : spread(handled),
        spread(published),
      ]),
    ),
  ].join('\n\n');
}

function goalRows({ open, closed, lone, idleCpuMsPerSecond }: SagaNumbers): Cell[][] {
  const cpuOf = ({ cpuMsPerOrder, cpuMsPerOrderInAll: services }: PhaseReport): number =>
    services === null ? Number.NaN : round(services + (cpuMsPerOrder['bench client'] ?? 0));
  const atMost = (what: string, limit: number, measured: number, unit: string): Cell[] => [
    what,
    `<= ${limit} ${unit}`,
    `${Number.isNaN(measured) ? '?' : measured} ${unit}`,
    measured <= limit ? 'met' : '**missed**',
  ];
  return [
    atMost(`${open.phase}: p50`, 50, open.p50Ms, 'ms'),
    atMost(`${open.phase}: CPU per order, with the client`, 40, cpuOf(open), 'ms'),
    [
      `${closed.phase}: orders per second`,
      '>= 120',
      closed.ordersPerSecond,
      closed.ordersPerSecond >= 120 ? 'met' : '**missed**',
    ],
    atMost(`${closed.phase}: CPU per order, with the client`, 16, cpuOf(closed), 'ms'),
    atMost(`${closed.phase}: p50`, 400, closed.p50Ms, 'ms'),
    atMost(`${lone.phase}: p50`, 40, lone.p50Ms, 'ms'),
    atMost('idle: CPU per second', 30, idleCpuMsPerSecond ?? Number.NaN, 'ms'),
  ];
}

const spread = ({ p50, p90, p99 }: Hop['published']): string => `${p50} / ${p90} / ${p99}`;
