import { z } from 'zod';
import { days, topic, type MessageOf, type MessagesOf } from '@millrace/streaming-core/contract';
import { choreographed } from './choreography.ts';
import {
  customerId,
  instant,
  lines,
  money,
  orderId,
  pricedLine,
  reason,
  returnReason,
  trackingNumber,
} from './fields.ts';

export const orderCommands = topic(
  'order-commands',
  { key: 'orderId', partitions: 6, retention: days(7) },
  {
    CompleteOrder: z.strictObject({ orderId }),
    CancelOrder: z.strictObject({ orderId, reason }),
    /** Mails the label to the customer. */
    AnnounceReturn: z.strictObject({ orderId, trackingNumber }),
    CompleteReturn: z.strictObject({ orderId }),
    CloseReturn: z.strictObject({ orderId, reason: returnReason }),
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
      /** Absent for an orchestrated order. */
      style: choreographed.optional(),
    }),
    OrderCancellationRequested: z.strictObject({ orderId, requestedAt: instant }),
    OrderCompletionRejected: z.strictObject({ orderId, reason }),
    OrderCompleted: z.strictObject({
      orderId,
      completedAt: instant,
      /** Only for a choreographed order: inventory ships them without a command. */
      lines: lines.optional(),
    }),
    /** A choreographed order has failed: every participant undoes what it has done, and answers. */
    OrderFailed: z.strictObject({ orderId, customerId, lines, reason }),
    OrderCancelled: z.strictObject({ orderId, reason, cancelledAt: instant }),
    ReturnRequested: z.strictObject({ orderId, customerId, lines, refund: money, requestedAt: instant }),
    ReturnApproved: z.strictObject({ orderId, approvedAt: instant }),
    ReturnDenied: z.strictObject({ orderId, reason: returnReason }),
    ReturnWithdrawn: z.strictObject({ orderId, withdrawnAt: instant }),
    ReturnAnnounced: z.strictObject({ orderId, trackingNumber }),
    ReturnCompletionRejected: z.strictObject({ orderId, reason: returnReason }),
    ReturnCompleted: z.strictObject({ orderId, refund: money, completedAt: instant }),
    ReturnClosed: z.strictObject({ orderId, reason: returnReason, closedAt: instant }),
  },
);

export type CompleteOrder = MessageOf<typeof orderCommands.CompleteOrder>;
export type CancelOrder = MessageOf<typeof orderCommands.CancelOrder>;
/** Every event of an order. */
export type OrderEvent = MessagesOf<typeof orderEvents>;
export type OrderCreated = MessageOf<typeof orderEvents.OrderCreated>;
export type OrderFailed = MessageOf<typeof orderEvents.OrderFailed>;
export type OrderCompleted = MessageOf<typeof orderEvents.OrderCompleted>;
export type AnnounceReturn = MessageOf<typeof orderCommands.AnnounceReturn>;
export type CompleteReturn = MessageOf<typeof orderCommands.CompleteReturn>;
export type CloseReturn = MessageOf<typeof orderCommands.CloseReturn>;
export type ReturnRequested = MessageOf<typeof orderEvents.ReturnRequested>;
