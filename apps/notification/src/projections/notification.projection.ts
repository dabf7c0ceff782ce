import { inlineProjection } from '@millrace/read-models';
import type { MailEvent } from '../domain/events.ts';
import { Notification } from './notification.entity.ts';

export const notificationProjection = inlineProjection(Notification).of<MailEvent>(
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
