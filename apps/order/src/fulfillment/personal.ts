import { isErased, type Erased } from '@millrace/event-sourcing';
import type { Order } from '../domain/order.ts';
import type { FulfillmentPersonal } from './fulfillment.saga.ts';

/** Takes the personal data that the commands need from the state of the order, unless it was erased. */
export function personalOf(order: Order, orderId: string): FulfillmentPersonal | Erased {
  if (order.status === 'absent')
    throw new Error(`a saga is running for order ${orderId}, but the event store has no such order`);
  if (isErased(order.personal)) return order.personal;
  const { shippingAddress, paymentMethod } = order.personal;
  return { shippingAddress, paymentMethod };
}
