import { describe, expect, it } from '@jest/globals';
import { erased } from '@millrace/streaming-core/personal';
import type { Order } from './domain/order.ts';
import { personalOf } from './fulfillment/fulfillment.saga.ts';
import { publicMessages } from './public-messages.ts';

const at = '2026-11-20T10:00:00.000Z';
const orderId = '01936d3e-0000-7000-8000-000000000001';
const shippingAddress = {
  name: 'Ada',
  street: 'Mill Lane 1',
  city: 'Berlin',
  postcode: '10115',
  country: 'DE',
};
const personal = { shippingAddress, email: 'ada@example.org', paymentMethod: 'account' as const };
const order: Order = {
  status: 'completed',
  orderId,
  customerId: 'ada',
  lines: [{ sku: 'lamp', quantity: 2, unitPrice: 12_50 }],
  total: { amount: 25_00, currency: 'EUR' },
  style: 'orchestrated',
  personal,
};
const typesOf = (state: Order) =>
  publicMessages({ type: 'OrderCompleted', orderId, completedAt: at }, state).map(
    ({ message }) => message.type,
  );

describe('the messages about an order', () => {
  it('contain a mail to the customer, unless the customer was erased', () => {
    expect(typesOf(order)).toEqual(['OrderCompleted', 'SendOrderMail']);
    expect(typesOf({ ...order, personal: erased })).toEqual(['OrderCompleted']);
  });

  it('get the personal data that a saga needs, or that it was erased', () => {
    expect(personalOf(order, orderId)).toEqual({ shippingAddress, paymentMethod: 'account' });
    expect(personalOf({ ...order, personal: erased }, orderId)).toEqual({ erased: true });
  });
});
