import type { Order } from '../domain/order.ts';
import type { FulfillmentPersonal } from './fulfillment.saga.ts';

/** What the commands need to know about the customer, from the state of the order. */
export function personalOf(order: Order, orderId: string): FulfillmentPersonal {
  if (order.status === 'absent')
    throw new Error(`a saga runs for order ${orderId}, which is not in this store`);
  const { shippingAddress, paymentMethod } = order.personal;
  return { shippingAddress, paymentMethod };
}
