import { notificationEvents } from '@millrace/contracts';
import { toPublic, type PublicMessage } from '@millrace/event-sourcing';
import type { MailEvent } from '../domain/events.ts';

/** What others are told about a private event: only that a mail is out. One that failed is for whoever runs the relay. */
export const publicMessages = (event: MailEvent): readonly PublicMessage[] =>
  event.type === 'NotificationSent'
    ? [toPublic(notificationEvents.NotificationSent, { orderId: event.orderId, kind: event.kind })]
    : [];
