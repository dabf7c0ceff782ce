import type { OrderProgress } from './order-progress.ts';

/** The orders that were placed on some days. */
export interface Figures {
  readonly placed: number;
  readonly completed: number;
  /** How many were cancelled, by reason. */
  readonly cancelled: Counts;
  /** The sum of the completed orders by currency, in its smallest unit. */
  readonly revenue: Counts;
}

type Counts = Readonly<Record<string, number>>;

export const noFigures: Figures = { placed: 0, completed: 0, cancelled: {}, revenue: {} };

/** A change of an order's progress. `before` is null when it is placed. */
export interface OrderStep {
  readonly before: OrderProgress | null;
  readonly after: OrderProgress;
}

export function figuresAfter(figures: Figures, { before, after }: OrderStep): Figures {
  const { placed, completed, cancelled, revenue } = figures;
  const counted = before === null ? { ...figures, placed: placed + 1 } : figures;
  switch (after.outcome) {
    case 'open':
      return counted;
    case 'completed': {
      const { amount, currency } = after.total;
      return { ...counted, completed: completed + 1, revenue: plus(revenue, { [currency]: amount }) };
    }
    case 'cancelled':
      return { ...counted, cancelled: plus(cancelled, { [after.reason ?? 'unknown']: 1 }) };
  }
}

export const sumOf = (figures: Iterable<Figures>): Figures =>
  [...figures].reduce(
    (sum, one) => ({
      placed: sum.placed + one.placed,
      completed: sum.completed + one.completed,
      cancelled: plus(sum.cancelled, one.cancelled),
      revenue: plus(sum.revenue, one.revenue),
    }),
    noFigures,
  );

/** The share of the placed orders that were completed, from 0 to 1; null without any order. */
export const conversionOf = ({ placed, completed }: Figures): number | null =>
  placed === 0 ? null : completed / placed;

function plus(one: Counts, other: Counts): Counts {
  const sum: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}
