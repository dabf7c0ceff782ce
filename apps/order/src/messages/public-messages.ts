import { notificationCommands, orderEvents, type NotificationKind } from '@millrace/contracts';
import { assertNever, toPublic, type PublicMessage } from '@millrace/event-sourcing';
import type { OrderEvent } from '../domain/events.ts';
import type { Order } from '../domain/order.ts';

/**
 * Returns the public messages for a private event, and the command to mail the customer. Personal
 * data goes into that command only.
 */
export function publicMessages(event: OrderEvent, order: Order): readonly PublicMessage[] {
  const { orderId } = event;
  switch (event.type) {
    case 'OrderCreated': {
      const { customerId, lines, total, placedAt } = event;
      return [
        toPublic(orderEvents.OrderCreated, { orderId, customerId, lines: [...lines], total, placedAt }),
      ];
    }
    case 'OrderCancellationRequested':
      return [toPublic(orderEvents.OrderCancellationRequested, { orderId, requestedAt: event.requestedAt })];
    case 'OrderCompletionRejected':
      return [toPublic(orderEvents.OrderCompletionRejected, { orderId, reason: event.reason })];
    case 'OrderCompleted': {
      const { completedAt } = event;
      return [
        toPublic(orderEvents.OrderCompleted, { orderId, completedAt }),
        mailOf('order-completed', order),
      ];
    }
    case 'OrderCancelled': {
      const { reason, cancelledAt } = event;
      return [
        toPublic(orderEvents.OrderCancelled, { orderId, reason, cancelledAt }),
        mailOf('order-cancelled', order),
      ];
    }
    default:
      return assertNever(event);
  }
}

function mailOf(kind: NotificationKind, order: Order): PublicMessage {
  if (order.status === 'absent') throw new Error(`${kind}: there is no order to send a mail about`);
  const { orderId, total, personal } = order;
  const reason = order.status === 'cancelled' ? { reason: order.reason } : {};
  return toPublic(notificationCommands.SendOrderMail, {
    orderId,
    kind,
    to: personal.email,
    name: personal.shippingAddress.name,
    total,
    ...reason,
  });
}
