import { orderEvents, paymentCommands, shippingCommands, type Money } from '@millrace/contracts';
import { isErased, toPublic, type PublicMessage } from '@millrace/event-sourcing';
import type { OrderEvent } from '../domain/events.ts';
import type { ChoreographyEvent } from './events.ts';

type OrderCreated = Extract<OrderEvent, { type: 'OrderCreated' }>;
type DetailsRepeated = Extract<ChoreographyEvent, { type: 'DetailsRepeated' }>;

/**
 * Returns what a choreographed order publishes besides the messages of every order: the details for
 * payment and shipping, and the failure that every participant undoes.
 */
export function messagesOfChoreography(event: OrderEvent | ChoreographyEvent): readonly PublicMessage[] {
  switch (event.type) {
    case 'OrderCreated':
      return event.style === 'choreographed' ? detailsOf(event, event.total) : [];
    case 'DetailsRepeated':
      return detailsOf(event, event.total);
    case 'ChoreographyFailed': {
      const { orderId, customerId, lines, reason } = event;
      return [toPublic(orderEvents.OrderFailed, { orderId, customerId, lines: [...lines], reason })];
    }
    default:
      return [];
  }
}

/** Personal data travels in commands only. */
function detailsOf(
  { orderId, customerId, personal }: OrderCreated | DetailsRepeated,
  amount: Money,
): readonly PublicMessage[] {
  if (isErased(personal)) return [];
  const { paymentMethod, shippingAddress: address } = personal;
  return [
    toPublic(paymentCommands.PaymentDetails, { orderId, customerId, amount, paymentMethod }),
    toPublic(shippingCommands.ShippingDetails, { orderId, customerId, address }),
  ];
}
