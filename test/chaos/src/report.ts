import type { Books, Violation } from '@millrace/test-support/shop';
import type { Inflicted } from './faults.ts';

export interface Report {
  readonly seed: number;
  /** The number that the options asked for. */
  readonly orders: number;
  readonly seconds: number;
  readonly kills: readonly Inflicted[];
  /** The number of orders by outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
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

export const faultInWords = ({ part, kind, atMs, orders }: Inflicted): string =>
  `${seconds(atMs).padStart(8)}  ${kind === 'kill' ? 'kill -9' : 'pause'} ${part} (${orders} orders placed)`;

export function reportInWords({
  seed,
  orders,
  seconds: took,
  kills,
  outcomes,
  violations,
  folder,
}: Report): string {
  return [
    `seed ${seed}: ${orders} orders, ${kills.length} kills and pauses, ${took} s`,
    ...kills.map(faultInWords),
    'orders by outcome:',
    ...Object.entries(outcomes).map(([outcome, count]) => `${String(count).padStart(8)}  ${outcome}`),
    violations.length === 0 ? 'violations: none' : `violations: ${violations.length}`,
    ...violations.map(({ kind, subject, detail }) => `  ${kind}: ${subject}: ${detail}`),
    ...(folder === undefined ? [] : [`data and logs are kept in ${folder}`]),
  ].join('\n');
}
