import { describe, expect, it } from '@jest/globals';
import { notificationKind } from '@millrace/contracts';
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

  it('gives the number of the label and the refund to a customer who returns products', () => {
    const { subject, text } = composeMail({ ...order, kind: 'return-label', trackingNumber: 'RL-0199e5a0' });
    expect(subject).toBe('The label for your return of order o1');
    expect(text).toContain('The label RL-0199e5a0 is ready');
    expect(text).toContain('25.00 EUR');
  });

  it('says what a completed return refunded', () => {
    const { subject, text } = composeMail({ ...order, kind: 'return-completed' });
    expect(subject).toBe('Your return of order o1 is complete');
    expect(text).toContain('have refunded 25.00 EUR');
  });

  it.each([
    ['parcel_overdue', 'because we have not received the parcel in time'],
    ['withdrawn_by_customer', 'because you withdrew it'],
  ] as const)('says why a return was closed: %s', (reason, words) => {
    const { subject, text } = composeMail({ ...order, kind: 'return-closed', reason });
    expect(subject).toBe('Your return of order o1 was closed');
    expect(text).toContain(words);
  });

  it('is another one for each kind', () => {
    const texts = notificationKind.options.map((kind) => composeMail({ ...order, kind }).text);
    expect(new Set(texts).size).toBe(notificationKind.options.length);
  });
});
