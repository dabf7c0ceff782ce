import { describe, expect, it } from '@jest/globals';
import { countedInWords } from './look-at-books.ts';

const counted = {
  orders: 1_024,
  open: 2,
  sagas: 1_024,
  payments: 1,
  shipments: 900,
  mails: 990,
  accounts: 3,
  products: 1,
};

describe('countedInWords', () => {
  it('names what was compared, with the orders that are open', () => {
    expect(countedInWords(counted)).toBe(
      '1,024 orders (2 open), 1,024 sagas, 1 payment, 900 shipments, 990 mails, 3 accounts and 1 product',
    );
  });

  it('leaves out that no order is open', () => {
    expect(countedInWords({ ...counted, open: 0 })).toMatch(/^1,024 orders, /);
  });
});
