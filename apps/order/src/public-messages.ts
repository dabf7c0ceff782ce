import { choreography, notificationCommands, orderEvents, type NotificationKind } from '@millrace/contracts';
import { assertNever, isErased, toPublic, type PublicMessage } from '@millrace/event-sourcing';
import type { OrderEvent } from './domain/events.ts';
import type { Order } from './domain/order.ts';

/**
 * Returns the public messages for a private event, and the command to mail the customer. Personal
 * data goes into that command only.
 */
export function publicMessages(event: OrderEvent, order: Order): readonly PublicMessage[] {
  const { orderId } = event;
  switch (event.type) {
    case 'OrderCreated': {
      const { customerId, lines, total, placedAt } = event;
      const created = { orderId, customerId, lines: [...lines], total, placedAt, ...styleOf(order) };
      return [toPublic(orderEvents.OrderCreated, created, sagaOf(order))];
    }
    case 'OrderCancellationRequested':
      return [
        toPublic(
          orderEvents.OrderCancellationRequested,
          { orderId, requestedAt: event.requestedAt },
          sagaOf(order),
        ),
      ];
    case 'OrderCompletionRejected':
      return [toPublic(orderEvents.OrderCompletionRejected, { orderId, reason: event.reason })];
    case 'OrderCompleted': {
      const { completedAt } = event;
      return [
        toPublic(orderEvents.OrderCompleted, {
          orderId,
          completedAt,
          ...linesToShip(order),
        }),
        ...mailsOf('order-completed', order),
      ];
    }
    case 'OrderCancelled': {
      const { reason, cancelledAt } = event;
      return [
        toPublic(orderEvents.OrderCancelled, { orderId, reason, cancelledAt }),
        ...mailsOf('order-cancelled', order),
      ];
    }
    default:
      return assertNever(event);
  }
}

/** Requests cause these messages, so no message has told them that the order is choreographed. */
const sagaOf = (order: Order) =>
  order.status !== 'absent' && order.style === 'choreographed' ? { saga: choreography } : {};

/** Readers take a message without a style for one about an orchestrated order. */
const styleOf = (order: Order) =>
  order.status !== 'absent' && order.style === 'choreographed' ? { style: order.style } : {};

/** The units that inventory ships without a command. */
const linesToShip = (order: Order) =>
  order.status !== 'absent' && order.style === 'choreographed'
    ? { lines: order.lines.map(({ sku, quantity }) => ({ sku, quantity })) }
    : {};

/** Returns the mail to the customer, or none if the customer was erased. */
function mailsOf(kind: NotificationKind, order: Order): readonly PublicMessage[] {
  if (order.status === 'absent') throw new Error(`${kind}: there is no order to send a mail about`);
  const { orderId, customerId, total, personal } = order;
  if (isErased(personal)) return [];
  const reason = order.status === 'cancelled' ? { reason: order.reason } : {};
  const { email: to, shippingAddress } = personal;
  const mail = { orderId, customerId, kind, to, name: shippingAddress.name, total, ...reason };
  return [toPublic(notificationCommands.SendOrderMail, mail)];
}
