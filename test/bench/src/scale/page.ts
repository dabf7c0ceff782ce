import { round, sum } from '../numbers.ts';
import type { Summary } from './summary.ts';

export interface RunFacts {
  readonly machine: string;
  readonly date: string;
  readonly command: string;
  readonly orders: number;
  readonly concurrency: number;
  readonly rounds: number;
}

const begin = '<!-- scale -->';
const end = '<!-- /scale -->';

const plots =
  '![Orders per second by processes](plots/scale.svg)\n\n![CPU time of an order by part](plots/scale-cpu.svg)';

/**
 * Puts the numbers of this run between the markers of the page. Throws if the page has no markers.
 */
export function renderPage(page: string, summaries: readonly Summary[], facts: RunFacts): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} and ${end} to write between`);
  return `${page.slice(0, from)}${begin}\n\n${numbers(summaries, facts)}\n\n${plots}\n\n${page.slice(to)}`;
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

function table(columns: readonly string[], rows: ReadonlyArray<readonly (string | number)[]>): string {
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...rows.map((row) => String(row[index]).length)),
  );
  const line = (cells: readonly (string | number)[], fill = ' ') =>
    `| ${cells.map((cell, index) => String(cell).padEnd(widths[index] ?? 0, fill)).join(' | ')} |`;
  return [
    line(columns),
    line(
      columns.map(() => '-'),
      '-',
    ),
    ...rows.map((row) => line(row)),
  ].join('\n');
}
