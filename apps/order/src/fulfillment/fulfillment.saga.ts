import {
  fields,
  inventoryCommands,
  inventoryEvents,
  orderCommands,
  orderEvents,
  paymentCommands,
  paymentEvents,
  shippingCommands,
  shippingEvents,
  type OrderCreated,
} from '@millrace/contracts';
import { saga } from '@millrace/saga';
import { z } from 'zod';
import { isErased, type Erased } from '@millrace/event-sourcing';
import type { OrderCommand, Order } from '../domain/order.ts';

/**
 * The personal data that the commands need. The engine reads it from the order's own stream when it
 * sends a command, and the saga never stores it.
 */
const fulfillmentPersonal = z.object({
  shippingAddress: fields.shippingAddress,
  paymentMethod: fields.paymentMethod,
});
export type FulfillmentPersonal = z.infer<typeof fulfillmentPersonal>;

/** Inventory does not need the prices. */
const linesOf = (order: OrderCreated) => order.lines.map(({ sku, quantity }) => ({ sku, quantity }));

export const fulfillment = saga('fulfillment', {
  version: 1,
  starts: orderEvents.OrderCreated,
  startsWhen: ({ style }) => style !== 'choreographed',
  startsLocally: true,
  id: (order) => order.orderId,
  subject: 'order',
  commands: [inventoryCommands, paymentCommands, shippingCommands, orderCommands],
  personal: fulfillmentPersonal,
})
  .step('reserve', {
    command: ({ order }) =>
      inventoryCommands.ReserveInventory({ orderId: order.orderId, lines: linesOf(order) }),
    accepted: inventoryEvents.InventoryReserved,
    rejected: inventoryEvents.InventoryReserveFailed,
    compensation: ({ order }) =>
      inventoryCommands.ReleaseInventory({ orderId: order.orderId, lines: linesOf(order) }),
    compensated: inventoryEvents.InventoryReleased,
  })
  .step('pay', {
    command: ({ order: { orderId, customerId, total }, personal: { paymentMethod } }) =>
      paymentCommands.ProcessPayment({ orderId, customerId, amount: total, paymentMethod }),
    accepted: paymentEvents.PaymentProcessed,
    rejected: paymentEvents.PaymentFailed,
    compensation: ({ order: { orderId, customerId } }) =>
      paymentCommands.RefundPayment({ orderId, customerId }),
    compensated: paymentEvents.PaymentRefunded,
  })
  .step('ship', {
    command: ({ order: { orderId, customerId }, personal: { shippingAddress: address } }) =>
      shippingCommands.ScheduleShipment({ orderId, customerId, address }),
    accepted: shippingEvents.ShipmentScheduled,
    rejected: shippingEvents.ShipmentFailed,
    compensation: ({ order }) => shippingCommands.CancelShipment({ orderId: order.orderId }),
    compensated: shippingEvents.ShipmentCancelled,
  })
  .pivot('complete', {
    command: ({ order }) => orderCommands.CompleteOrder({ orderId: order.orderId }),
    accepted: orderEvents.OrderCompleted,
    rejected: orderEvents.OrderCompletionRejected,
    local: true,
  })
  .retriable('commit', {
    command: ({ order }) =>
      inventoryCommands.CommitReservation({ orderId: order.orderId, lines: linesOf(order) }),
    accepted: inventoryEvents.ReservationCommitted,
  })
  .cancelledBy(orderEvents.OrderCancellationRequested, { reason: 'cancelled_by_customer' })
  .whenCompensated(
    ({ order, failure }) => orderCommands.CancelOrder({ orderId: order.orderId, reason: failure.reason }),
    {
      accepted: orderEvents.OrderCancelled,
    },
  );

/**
 * Every version that a running saga may still use. A version stays here until its last saga has
 * ended. New orders start with the newest version.
 */
export const fulfillmentVersions = [fulfillment];

/** Takes the personal data that the commands need from the state of the order, unless it was erased. */
export function personalOf(order: Order, orderId: string): FulfillmentPersonal | Erased {
  if (order.status === 'absent')
    throw new Error(`a saga is running for order ${orderId}, but the event store has no such order`);
  if (isErased(order.personal)) return order.personal;
  const { shippingAddress, paymentMethod } = order.personal;
  return { shippingAddress, paymentMethod };
}

/** Turns the saga's pivot into the command that the order's own stream decides. */
export const completeOrder = (command: unknown, completedAt: string): OrderCommand => {
  const { type, orderId } = orderCommands.CompleteOrder.schema.parse(command);
  return { type, orderId, completedAt };
};
