import { round, sum } from '../numbers.ts';
import { table } from '../report.ts';
import type { Summary } from './summary.ts';

export interface RunFacts {
  readonly machine: string;
  readonly date: string;
  readonly command: string;
  readonly orders: number;
  readonly concurrency: number;
  readonly rounds: number;
}

export function numbers(
  summaries: readonly Summary[],
  { machine, date, command, orders, concurrency, rounds }: RunFacts,
): string {
  return [
    `${date}, ${machine}. \`${command}\`: ${orders} orders per measurement, ${concurrency} in flight, ` +
      `${rounds} measurements of each, in turns.`,
    table(
      ['processes', 'orders/s: median (spread)', 'p50, ms', 'CPU ms per order', 'bottleneck'],
      summaries.map(({ name, ordersPerSecond: { median, min, max }, p50Ms, cpuMsPerOrder, bottleneck }) => [
        name,
        `${round(median)} (${round(min)} to ${round(max)})`,
        round(p50Ms),
        round(sum(Object.values(cpuMsPerOrder))),
        bottleneck,
      ]),
    ),
    'CPU ms per order by part:',
    cpuTable(summaries),
  ].join('\n\n');
}

function cpuTable(summaries: readonly Summary[]): string {
  const parts = Object.keys(summaries[0]?.cpuMsPerOrder ?? {});
  return table(
    ['processes', ...parts],
    summaries.map(({ name, cpuMsPerOrder }) => [
      name,
      ...parts.map((part) => round(cpuMsPerOrder[part] ?? 0)),
    ]),
  );
}
