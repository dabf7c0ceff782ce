import type { RecordedEvent } from '@millrace/event-sourcing';
import { inlineProjection } from '@millrace/service-chassis/service';
import type { OrderEvent } from '../domain/events.ts';
import { OrderSummary } from './order-summary.entity.ts';

/** Right at the moment of the answer: a read after a 202 never misses the order. */
export const orderSummary = inlineProjection<OrderEvent>()(
  'order-summary',
  { version: 1, entity: OrderSummary },
  {
    OrderCreated: ({ orderId, customerId, lines, total, placedAt }, { insert, recorded }) =>
      insert({
        orderId,
        customerId,
        status: 'pending',
        reason: null,
        lines,
        totalAmount: total.amount,
        totalCurrency: total.currency,
        placedAt: new Date(placedAt),
        ...stamp(recorded),
      }),
    OrderCancellationRequested: ({ orderId }, { update, recorded }) =>
      update(orderId, { status: 'cancelling', ...stamp(recorded) }),
    OrderCompletionRejected: ({ orderId }, { update, recorded }) => update(orderId, stamp(recorded)),
    OrderCompleted: ({ orderId }, { update, recorded }) =>
      update(orderId, { status: 'completed', ...stamp(recorded) }),
    OrderCancelled: ({ orderId, reason }, { update, recorded }) =>
      update(orderId, { status: 'cancelled', reason, ...stamp(recorded) }),
  },
);

const stamp = ({ version, recordedAt }: RecordedEvent) => ({
  version: Number(version),
  updatedAt: recordedAt,
});
