import { percentile, round, sum } from '../numbers.ts';
import type { Measured } from './measure.ts';

/** The steps of the fulfillment saga that an order passes: reserve, pay, ship, complete, commit. */
const stepsPerOrder = 5;

export interface PhaseReport {
  readonly phase: string;
  readonly orders: number;
  readonly cancelled: number;
  readonly ordersPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
  /** The CPU ms per order by process, and the total without the client. */
  readonly cpuMsPerOrder: Readonly<Record<string, number | null>>;
  readonly cpuMsPerOrderInAll: number | null;
  readonly statementsPerOrder: Readonly<Record<string, number>>;
  readonly statementsPerStep: number;
  readonly roundTripsPerStep: number;
}

export function phaseReport(phase: string, { orders, seconds, cpuMs, statements }: Measured): PhaseReport {
  const perOrder = (value: number) => round(value / orders.length);
  const cpu = [...cpuMs].map(([part, ms]) => [part, ms === undefined ? null : perOrder(ms)] as const);
  const parts = cpu.filter(([part]) => part !== 'bench client').map(([, ms]) => ms);
  const counts = [...statements.values()];
  const sorted = orders.map(({ ms }) => ms).sort((one, other) => one - other);
  return {
    phase,
    orders: orders.length,
    cancelled: orders.filter(({ as }) => as === 'cancelled').length,
    ordersPerSecond: round(orders.length / seconds),
    p50Ms: round(percentile(sorted, 0.5)),
    p99Ms: round(percentile(sorted, 0.99)),
    slowestMs: round(sorted.at(-1) ?? 0),
    cpuMsPerOrder: Object.fromEntries(cpu),
    cpuMsPerOrderInAll: parts.includes(null) ? null : round(sum(parts.map((ms) => ms ?? 0))),
    statementsPerOrder: Object.fromEntries(
      [...statements].map(([service, { statements: count }]) => [service, perOrder(count)]),
    ),
    statementsPerStep: round(sum(counts.map((count) => count.statements)) / orders.length / stepsPerOrder),
    roundTripsPerStep: round(sum(counts.map((count) => count.roundTrips)) / orders.length / stepsPerOrder),
  };
}

export function printed(report: PhaseReport): string {
  const cpu = Object.entries(report.cpuMsPerOrder).map(([part, ms]) => `${part} ${ms ?? '?'}`);
  const statements = Object.entries(report.statementsPerOrder).map(
    ([service, count]) => `${service} ${count}`,
  );
  return [
    `${report.phase}: ${report.orders} orders, ${report.cancelled} of them compensated`,
    `  orders per second    ${report.ordersPerSecond}`,
    `  time of an order     p50 ${report.p50Ms} ms, p99 ${report.p99Ms} ms, slowest ${report.slowestMs} ms ` +
      '(from the request to its end as read from order-events)',
    `  CPU ms per order     ${report.cpuMsPerOrderInAll ?? '?'} in total: ${cpu.join(', ')}`,
    `  SQL per saga step    ${report.statementsPerStep} statements in ${report.roundTripsPerStep} ` +
      'round trips (counted at the driver, all services)',
    `  SQL per order        ${statements.join(', ')}`,
  ].join('\n');
}

/**
 * The statements that a service sends most often, by the beginning of their text. They show where
 * to look for waste.
 */
export function printedStatements({ orders, statements }: Measured, textsMax: number): string {
  const lines = [...statements].flatMap(([service, { texts }]) => [
    `  ${service}`,
    ...[...texts]
      .sort(([, one], [, other]) => other - one)
      .slice(0, textsMax)
      .map(([text, count]) => `    ${(count / orders.length).toFixed(2).padStart(7)}  ${text}`),
  ]);
  return ['statements per order, by their text', ...lines].join('\n');
}
