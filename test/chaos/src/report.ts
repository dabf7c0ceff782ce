import type { Books, Violation } from '@millrace/test-support/shop';
import type { Inflicted } from './faults.ts';
import type { TimerFigures } from './timers/check-timers.ts';

export interface Report {
  readonly seed: number;
  /** The number that the options asked for. */
  readonly orders: number;
  readonly seconds: number;
  readonly kills: readonly Inflicted[];
  readonly outcomes: Readonly<Record<string, number>>;
  /** The number of orders by style. */
  readonly styles: Readonly<Record<string, number>>;
  readonly versions: Readonly<Record<string, number>>;
  readonly timers: TimerFigures;
  /** The time from the end of the load until nothing changed any more. */
  readonly settledMs: number;
  readonly violations: ReadonlyArray<Omit<Violation, 'kind'> & { readonly kind: string }>;
  /** The folder with the data and logs of a run that found violations. */
  readonly folder?: string;
}

/** The outcome is `completed`, or `cancelled` with the reason. */
export function outcomesOf(
  { orders }: Books,
  customers: ReadonlySet<string>,
): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status, reason, customerId } of orders) {
    if (!customers.has(customerId)) continue;
    const outcome = reason === null ? status : `${status}: ${reason}`;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).sort());
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const countsInWords = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([what, count]) => `${what} x ${count}`)
    .join(', ');

export const faultInWords = ({ part, kind, atMs, orders }: Inflicted): string =>
  `${seconds(atMs).padStart(8)}  ${kind === 'kill' ? 'kill -9' : kind} ${part} (${orders} orders placed)`;

export function reportInWords({
  seed,
  orders,
  seconds: took,
  kills,
  outcomes,
  styles,
  versions,
  timers,
  settledMs,
  violations,
  folder,
}: Report): string {
  return [
    `seed ${seed}: ${orders} orders, ${kills.length} kills and pauses, ${took} s`,
    ...kills.map(faultInWords),
    'orders by outcome:',
    ...Object.entries(outcomes).map(([outcome, count]) => `${String(count).padStart(8)}  ${outcome}`),
    `orders by style: ${countsInWords(styles)}`,
    `sagas by version: ${countsInWords(versions)}`,
    `timers: ${timers.fired} fired, ${timers.moved} moved; they took ${timers.medianMs} ms in the ` +
      `median and ${timers.worstMs} ms at worst, and ${timers.worstOnceReadyMs} ms at worst once nothing ` +
      'was left to wait for',
    `quiet ${seconds(settledMs)} after the last order`,
    violations.length === 0 ? 'violations: none' : `violations: ${violations.length}`,
    ...violations.map(({ kind, subject, detail }) => `  ${kind}: ${subject}: ${detail}`),
    ...(folder === undefined
      ? []
      : [`data is kept in ${folder}, the logs of every process in ${folder}/logs`]),
  ].join('\n');
}
