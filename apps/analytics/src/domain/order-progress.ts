import type { OrderCreated, OrderEvent } from '@millrace/contracts';

/** How far an order has come, as the figures count it. A return does not change it. */
export interface OrderProgress {
  /** The UTC day on which the order was placed, such as `2026-01-31`. All its figures count on this day. */
  readonly day: string;
  readonly total: { readonly amount: number; readonly currency: string };
  readonly lines: ReadonlyArray<{ readonly sku: string; readonly quantity: number }>;
  readonly outcome: 'open' | 'completed' | 'cancelled';
  /** Why the order was cancelled. */
  readonly reason?: string;
  /** When it was completed or cancelled (ISO 8601). */
  readonly endedAt?: string;
}

/**
 * Returns the progress after an event. An event that repeats one, or that follows the end of the
 * order, changes nothing: the same progress is returned.
 */
export function progressAfter(before: OrderProgress | null, event: OrderEvent): OrderProgress | null {
  if (before === null) return event.type === 'OrderCreated' ? placed(event) : null;
  if (before.outcome !== 'open') return before;
  if (event.type === 'OrderCompleted') return { ...before, outcome: 'completed', endedAt: event.completedAt };
  if (event.type === 'OrderCancelled')
    return { ...before, outcome: 'cancelled', reason: event.reason, endedAt: event.cancelledAt };
  return before;
}

const placed = ({ placedAt, total, lines }: OrderCreated): OrderProgress => ({
  day: placedAt.slice(0, 10),
  total,
  lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
  outcome: 'open',
});
