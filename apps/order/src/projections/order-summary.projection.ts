import { fields } from '@millrace/contracts';
import { inlineProjection, readModel, type EventStamp } from '@millrace/service-chassis/service';
import { z } from 'zod';
import type { OrderEvent } from '../domain/events.ts';

export const orderStatus = z.enum(['pending', 'cancelling', 'completed', 'cancelled']);

/** An order as GET /orders shows it, without personal data. */
export const orderSummary = readModel({
  table: 'order_summary',
  key: 'orderId',
  newestFirst: 'placedAt',
  fields: {
    orderId: fields.orderId,
    customerId: fields.customerId,
    status: orderStatus,
    reason: fields.reason.optional(),
    lines: z.array(fields.pricedLine),
    total: fields.money,
    version: z.number().int().min(1),
    placedAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  },
});

const stamped = ({ at, version }: EventStamp) => ({ version, updatedAt: at });

/**
 * Updates the row in the transaction of the event, so a read after a 202 always finds the order.
 */
export const orderSummaryProjection = inlineProjection(orderSummary).of<OrderEvent>({
  OrderCreated: ({ customerId, lines, total, placedAt }, stamp) => ({
    customerId,
    status: 'pending',
    lines: [...lines],
    total,
    placedAt,
    ...stamped(stamp),
  }),
  OrderCancellationRequested: (_, stamp) => ({ status: 'cancelling', ...stamped(stamp) }),
  OrderCompletionRejected: (_, stamp) => stamped(stamp),
  OrderCompleted: (_, stamp) => ({ status: 'completed', ...stamped(stamp) }),
  OrderCancelled: ({ reason }, stamp) => ({ status: 'cancelled', reason, ...stamped(stamp) }),
});
