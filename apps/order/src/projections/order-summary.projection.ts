import { inlineProjection, type EventStamp } from '@millrace/read-models';
import type { OrderEvent } from '../domain/events.ts';
import { OrderSummary } from './order-summary.entity.ts';

const stamped = ({ at, version }: EventStamp) => ({ version, updatedAt: at });

/**
 * Updates the row in the transaction of the event, so a read after a 202 always finds the order.
 */
export const orderSummaryProjection = inlineProjection(OrderSummary).of<OrderEvent>({
  OrderCreated: ({ customerId, lines, total, placedAt }, stamp) => ({
    customerId,
    status: 'pending',
    lines: [...lines],
    totalAmount: total.amount,
    totalCurrency: total.currency,
    placedAt,
    ...stamped(stamp),
  }),
  OrderCancellationRequested: (_, stamp) => ({ status: 'cancelling', ...stamped(stamp) }),
  OrderCompletionRejected: (_, stamp) => stamped(stamp),
  OrderCompleted: (_, stamp) => ({ status: 'completed', ...stamped(stamp) }),
  OrderCancelled: ({ reason }, stamp) => ({ status: 'cancelled', reason, ...stamped(stamp) }),
});
