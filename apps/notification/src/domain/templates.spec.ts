import { describe, expect, it } from '@jest/globals';
import { composeMail } from './templates.ts';

const order = { orderId: 'o1', name: 'Ada', total: { amount: 25_00, currency: 'EUR' } };

describe('the text of a mail', () => {
  it('names the order, the customer and the total', () => {
    const { subject, text } = composeMail({ ...order, kind: 'order-completed' });
    expect(subject).toBe('Your order o1 is complete');
    expect(text).toContain('Dear Ada');
    expect(text).toContain('Your order o1 for 25.00 EUR is complete');
  });

  it.each([
    [{ amount: 1250, currency: 'JPY' }, '1250 JPY'],
    [{ amount: 5, currency: 'EUR' }, '0.05 EUR'],
    [{ amount: 1250, currency: 'KWD' }, '1.250 KWD'],
    [{ amount: Number.MAX_SAFE_INTEGER, currency: 'EUR' }, '90071992547409.91 EUR'],
  ])('writes %j as %s', (total, written) => {
    expect(composeMail({ ...order, total, kind: 'order-completed' }).text).toContain(` ${written} `);
  });

  it('says why an order was cancelled', () => {
    expect(composeMail({ ...order, kind: 'order-cancelled', reason: 'out_of_stock' }).text).toContain(
      'because a product is out of stock',
    );
  });
});
