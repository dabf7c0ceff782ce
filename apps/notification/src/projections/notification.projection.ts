import { fields } from '@millrace/contracts';
import { inlineProjection, readModel } from '@millrace/service-chassis/service';
import { z } from 'zod';
import type { MailEvent } from '../domain/events.ts';

/** A mail that was sent or has failed. */
export const notification = readModel({
  table: 'notification',
  key: 'id',
  hidden: ['id'],
  fields: {
    /** `ORDER:KIND`. */
    id: z.string(),
    kind: z.enum(['order-completed', 'order-cancelled']),
    orderId: fields.orderId,
    subject: z.string(),
    status: z.enum(['sent', 'failed']),
    sentAt: z.iso.datetime().optional(),
    failedAt: z.iso.datetime().optional(),
    reason: z.enum(['refused_by_relay', 'not_taken_in_time']).optional(),
  },
});

export const notificationProjection = inlineProjection(notification).of<MailEvent>(
  {
    NotificationSent: ({ kind, orderId, subject, sentAt }) => ({
      kind,
      orderId,
      subject,
      status: 'sent',
      sentAt,
    }),
    MailFailed: ({ kind, orderId, subject, failedAt, reason }) => ({
      kind,
      orderId,
      subject,
      status: 'failed',
      failedAt,
      reason,
    }),
  },
  { keyOf: ({ orderId, kind }) => `${orderId}:${kind}` },
);
