import { inlineProjection } from '@millrace/service-chassis/service';
import type { MailEvent } from '../domain/mail.ts';
import { NotificationRow } from './notification.entity.ts';

/** One row per mail, once it is settled. */
export const notifications = inlineProjection<MailEvent>()(
  'notification',
  { version: 1, entity: NotificationRow },
  {
    NotificationSent: ({ sentAt, ...mail }, { insert }) =>
      insert({ ...rowOf(mail), status: 'sent', sentAt: new Date(sentAt), failedAt: null, reason: null }),
    MailFailed: ({ failedAt, reason, ...mail }, { insert }) =>
      insert({ ...rowOf(mail), status: 'failed', sentAt: null, failedAt: new Date(failedAt), reason }),
  },
);

const rowOf = ({ orderId, kind, subject }: Pick<NotificationRow, 'orderId' | 'kind' | 'subject'>) => ({
  id: `${orderId}:${kind}`,
  orderId,
  kind,
  subject,
});
