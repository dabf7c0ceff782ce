import { z } from 'zod';
import { days, topic, type MessageOf } from '@millrace/streaming-core/contract';
import { customerId, instant, money, orderId, pricedLine, reason } from './fields.ts';

export const orderCommands = topic(
  'order-commands',
  { key: 'orderId', partitions: 6, retention: days(7) },
  {
    CompleteOrder: z.strictObject({ orderId }),
    CancelOrder: z.strictObject({ orderId, reason }),
  },
);

/**
 * Public facts about orders. They carry no personal data: the address and the card stay in the
 * order's own stream.
 */
export const orderEvents = topic(
  'order-events',
  { key: 'orderId', partitions: 6, retention: 'unlimited' },
  {
    OrderCreated: z.strictObject({
      orderId,
      customerId,
      lines: z.array(pricedLine).min(1).max(100),
      total: money,
      placedAt: instant,
    }),
    OrderCancellationRequested: z.strictObject({ orderId, requestedAt: instant }),
    OrderCompletionRejected: z.strictObject({ orderId, reason }),
    OrderCompleted: z.strictObject({ orderId, completedAt: instant }),
    OrderCancelled: z.strictObject({ orderId, reason, cancelledAt: instant }),
  },
);

export type CompleteOrder = MessageOf<typeof orderCommands.CompleteOrder>;
export type CancelOrder = MessageOf<typeof orderCommands.CancelOrder>;
export type OrderCreated = MessageOf<typeof orderEvents.OrderCreated>;
export type OrderCompleted = MessageOf<typeof orderEvents.OrderCompleted>;
