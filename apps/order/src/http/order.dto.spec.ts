import { describe, expect, it } from '@jest/globals';
import { personalPartOf, type PlaceOrderRequest } from './order.dto.ts';

const request: PlaceOrderRequest = {
  customerId: 'ada',
  lines: [{ sku: 'lamp', quantity: 1 }],
  shippingAddress: { name: 'Ada', street: 'Mill Lane 12', city: 'Berlin', postcode: '10115', country: 'DE' },
  email: 'ada@example.org',
  paymentMethod: 'account',
};

describe('the personal part of an order', () => {
  it('does not include a request field that nobody has declared personal', () => {
    const { shippingAddress, email, paymentMethod } = request;
    const withNote = { ...request, giftNote: 'Happy birthday' };

    expect(personalPartOf(withNote)).toEqual({ shippingAddress, email, paymentMethod });
  });

  it('has a placeholder address if the customer gives none', () => {
    expect(personalPartOf({ ...request, email: undefined }).email).toBe('ada@customers.invalid');
  });
});
