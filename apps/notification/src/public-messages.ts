import { notificationEvents } from '@millrace/contracts';
import { toPublic, type PublicMessage } from '@millrace/event-sourcing';
import type { MailEvent } from './domain/events.ts';

/**
 * Returns the public messages for a private event. Only a sent mail is published. A failed one
 * concerns only the operator of the relay.
 */
export const publicMessages = (event: MailEvent): readonly PublicMessage[] =>
  event.type === 'NotificationSent'
    ? [toPublic(notificationEvents.NotificationSent, { orderId: event.orderId, kind: event.kind })]
    : [];
