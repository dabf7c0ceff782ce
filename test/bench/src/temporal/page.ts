import { percentile, round } from '../numbers.ts';
import { table } from '../report.ts';
import type { OrderEnd } from '../saga/order-ends.ts';

/** How the payment provider fails: it does not answer, or refuses. */
export type Refunds = 'down' | 'refuses';

export interface Phase {
  readonly name: string;
  readonly orders: number;
  readonly cancelled: number;
  readonly ordersPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMsPerOrder: number;
}

/** An order that must be undone while its refund fails. */
export interface Failing {
  readonly refunds: Refunds;
  /** What an operator sees while the provider fails. */
  readonly during: string;
  readonly end: string;
  /** The seconds from the moment when the provider works again to the end of the order. */
  readonly secondsToEnd: number;
  readonly effects: readonly string[];
}

export interface Side {
  readonly phases: readonly Phase[];
  readonly failing: readonly Failing[];
}

export interface TemporalNumbers {
  readonly temporal: Side;
  readonly ours: Side;
  /** The lines of the definition, without imports, comments and empty lines. */
  readonly lines: { readonly temporal: number; readonly ours: number };
}

interface Measured {
  readonly ended: ReadonlyArray<{ readonly as: OrderEnd; readonly ms: number }>;
  readonly seconds: number;
  readonly cpuMs: number;
}

export function phaseOf(name: string, { ended, seconds, cpuMs }: Measured): Phase {
  const sorted = ended.map(({ ms }) => ms).sort((one, other) => one - other);
  return {
    name,
    orders: ended.length,
    cancelled: ended.filter(({ as }) => as === 'cancelled').length,
    ordersPerSecond: round(ended.length / seconds),
    p50Ms: round(percentile(sorted, 0.5)),
    p99Ms: round(percentile(sorted, 0.99)),
    cpuMsPerOrder: round(cpuMs / ended.length),
  };
}

export const printedSide = (name: string, { phases, failing }: Side): string =>
  [
    ...phases.map(
      ({ name: phase, orders, cancelled, ordersPerSecond, p50Ms, p99Ms, cpuMsPerOrder }) =>
        `${name}, ${phase}: ${orders} orders, ${cancelled} of them compensated, ${ordersPerSecond}/s, p50 ${p50Ms} ms, ` +
        `p99 ${p99Ms} ms, CPU ${cpuMsPerOrder} ms per order`,
    ),
    ...failing.map(
      ({ refunds, during, end, secondsToEnd, effects }) =>
        `${name}, the provider ${saidOf[refunds]}: ${during}\n  end: ${end}, ${secondsToEnd} s after it worked again; ${effects.join(', ')}`,
    ),
  ].join('\n');

const saidOf: Readonly<Record<Refunds, string>> = { down: 'does not answer', refuses: 'refuses' };

/** The tables between the markers of docs/reports/temporal.md. */
export function renderNumbers({ temporal, ours, lines }: TemporalNumbers, facts: string): string {
  const sides = Object.entries({ Temporal: temporal, Millrace: ours });
  return [
    facts,
    table(
      ['', 'orders', 'compensated', 'orders/s', 'p50 ms', 'p99 ms', 'CPU ms per order'],
      sides.flatMap(([side, { phases }]) =>
        phases.map(({ name, orders, cancelled, ordersPerSecond, p50Ms, p99Ms, cpuMsPerOrder }) => [
          `${side}, ${name}`,
          orders,
          cancelled,
          ordersPerSecond,
          p50Ms,
          p99Ms,
          cpuMsPerOrder,
        ]),
      ),
    ),
    `The definition has ${lines.temporal} lines on Temporal and ${lines.ours} here.`,
    table(
      ['the provider', 'meanwhile', 'end', 's to the end', 'what happened'],
      sides.flatMap(([side, { failing }]) =>
        failing.map(({ refunds, during, end, secondsToEnd, effects }) => [
          `${saidOf[refunds]}, ${side}`,
          during.replaceAll('|', '/'),
          end.replaceAll('|', '/'),
          secondsToEnd,
          effects.join(', '),
        ]),
      ),
    ),
  ].join('\n\n');
}
