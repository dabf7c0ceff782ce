import type { Order } from '../domain/order.ts';
import type { FulfillmentPersonal } from './fulfillment.saga.ts';

/** Takes the personal data that the commands need from the state of the order. */
export function personalOf(order: Order, orderId: string): FulfillmentPersonal {
  if (order.status === 'absent')
    throw new Error(`a saga is running for order ${orderId}, but the event store has no such order`);
  const { shippingAddress, paymentMethod } = order.personal;
  return { shippingAddress, paymentMethod };
}
