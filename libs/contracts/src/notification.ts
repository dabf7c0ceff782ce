import { z } from 'zod';
import { days, personal, topic, type MessageOf } from '@millrace/streaming-core/contract';
import { customerId, money, orderId, reason, returnReason, trackingNumber } from './fields.ts';

export const notificationKind = z.enum([
  'order-completed',
  'order-cancelled',
  'return-label',
  'return-completed',
  'return-closed',
]);

export const notificationCommands = topic(
  'notification-commands',
  {
    key: 'orderId',
    partitions: 6,
    retention: days(7),
    personal: { holder: 'notification', subject: 'customerId' },
  },
  {
    SendOrderMail: z.strictObject({
      orderId,
      /** Absent in commands of earlier releases. */
      customerId: customerId.optional(),
      kind: notificationKind,
      to: personal(z.email().max(254)),
      name: personal(z.string().min(1).max(200)),
      total: money,
      reason: z.union([reason, returnReason]).optional(),
      trackingNumber: trackingNumber.optional(),
    }),
  },
);

export const notificationEvents = topic(
  'notification-events',
  { key: 'orderId', partitions: 6, retention: 'unlimited' },
  {
    NotificationSent: z.strictObject({ orderId, kind: notificationKind }),
  },
);

export type SendOrderMail = MessageOf<typeof notificationCommands.SendOrderMail>;
export type NotificationKind = z.infer<typeof notificationKind>;
