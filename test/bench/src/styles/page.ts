import type { OrderStyle } from '@millrace/contracts';
import { median, percentile, round, sum } from '../numbers.ts';
import { table } from '../report.ts';
import type { LoggedMessage } from '../saga/hops.ts';
import type { LoadResult } from '../saga/load.ts';

export interface Phase {
  readonly style: OrderStyle;
  readonly name: string;
  readonly orders: number;
  readonly cancelled: number;
  readonly ordersPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMsPerOrder: number;
  readonly messagesPerOrder: number;
  /** Keys, values and headers on the log, without what batches add or compression saves. */
  readonly bytesPerOrder: number;
}

interface Run extends LoadResult, Pick<Phase, 'style' | 'name'> {
  /** The CPU time of the whole stack. */
  readonly cpuMs: number;
  /** Everything that was written to the log meanwhile. */
  readonly messages: readonly LoggedMessage[];
}

export function phaseOf({ style, name, orders, seconds, cpuMs, messages }: Run): Phase {
  const sorted = orders.map(({ ms }) => ms).sort((one, other) => one - other);
  return {
    style,
    name,
    orders: orders.length,
    cancelled: orders.filter(({ as }) => as === 'cancelled').length,
    ordersPerSecond: round(orders.length / seconds),
    p50Ms: round(percentile(sorted, 0.5)),
    p99Ms: round(percentile(sorted, 0.99)),
    cpuMsPerOrder: round(cpuMs / orders.length),
    messagesPerOrder: round(messages.length / orders.length),
    bytesPerOrder: Math.round(sum(messages.map(({ bytes }) => bytes)) / orders.length),
  };
}

export const printedPhase = (phase: Phase): string =>
  `${phase.style}, ${phase.name}: ${phase.orders} orders, ${phase.cancelled} of them cancelled, ` +
  `${phase.ordersPerSecond}/s, p50 ${phase.p50Ms} ms, p99 ${phase.p99Ms} ms, CPU ${phase.cpuMsPerOrder} ms, ` +
  `${phase.messagesPerOrder} messages and ${phase.bytesPerOrder} bytes per order`;

const measures = [
  ['orders/s', 'ordersPerSecond'],
  ['p50 ms', 'p50Ms'],
  ['p99 ms', 'p99Ms'],
  ['CPU ms per order', 'cpuMsPerOrder'],
  ['messages per order', 'messagesPerOrder'],
  ['bytes per order', 'bytesPerOrder'],
] as const satisfies ReadonlyArray<readonly [string, keyof Phase]>;

/** The median of the rounds, and every round. */
export function renderPage(phases: readonly Phase[], facts: string): string {
  const groups = [...Map.groupBy(phases, ({ style, name }) => `${style}, ${name}`)];
  const titles = measures.map(([title]) => title);
  return [
    '# Both styles of the saga, side by side',
    facts,
    'The same random orders on one stack, in turns; a tenth of them goes to an address that the carrier refuses. CPU is ' +
      'that of all processes of the stack. Each row is the median of the rounds.',
    table(
      ['', ...titles],
      groups.map(([name, all]) => [
        name,
        ...measures.map(([, key]) => round(median(all.map((phase) => phase[key])))),
      ]),
    ),
    '## Every round',
    table(
      ['', 'orders', 'cancelled', ...titles],
      phases.map((phase) => [
        `${phase.style}, ${phase.name}`,
        phase.orders,
        phase.cancelled,
        ...measures.map(([, key]) => phase[key]),
      ]),
    ),
  ].join('\n\n');
}
