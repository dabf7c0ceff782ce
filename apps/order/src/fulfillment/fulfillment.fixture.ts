import { inventoryEvents, orderEvents, paymentEvents, shippingEvents } from '@millrace/contracts';
import type { SagaSamples } from '@millrace/saga/testing';
import type { FulfillmentPersonal } from './fulfillment.saga.ts';

export const orderId = '0199e5a0-0000-7000-8000-000000000001';
export const total = { amount: 40_00, currency: 'EUR' };
export const lines = [{ sku: 'lamp', quantity: 2 }];
const at = '2026-11-20T09:00:00.000Z';

export const personal: FulfillmentPersonal = {
  shippingAddress: { name: 'Ada', street: 'Mill Lane 1', city: 'Leeds', postcode: 'LS1', country: 'GB' },
  paymentMethod: { card: 'tok_approve' },
};

const orderCreated = orderEvents.OrderCreated({
  orderId,
  customerId: 'ada',
  lines: [{ sku: 'lamp', quantity: 2, unitPrice: 20_00 }],
  total,
  placedAt: at,
});

/** An order, and the replies with fields that their command does not have. */
export const fulfillmentSamples = {
  start: orderCreated,
  personal,
  replies: [
    inventoryEvents.InventoryReserveFailed({ orderId, reason: 'out_of_stock', missing: ['lamp'] }),
    paymentEvents.PaymentFailed({ orderId, reason: 'card_declined' }),
    paymentEvents.PaymentRefunded({ orderId, amount: total }),
    shippingEvents.ShipmentFailed({ orderId, reason: 'address_refused' }),
    orderEvents.OrderCompleted({ orderId, completedAt: at }),
    orderEvents.OrderCompletionRejected({ orderId, reason: 'cancelled_by_customer' }),
    orderEvents.OrderCancelled({ orderId, reason: 'out_of_stock', cancelledAt: at }),
  ],
} satisfies SagaSamples;
