import { inlineProjection } from '@millrace/service-chassis';
import type { MailEvent } from '../domain/mail.ts';
import { NotificationRow } from './notification.entity.ts';

export const notifications = inlineProjection<MailEvent>()(
  'notification',
  { version: 1, entity: NotificationRow },
  {
    NotificationSent: ({ orderId, kind, subject, sentAt }, { insert }) =>
      insert({ id: `${orderId}:${kind}`, orderId, kind, subject, sentAt: new Date(sentAt) }),
  },
);
