import { describe, expect, it } from '@jest/globals';
import { bought } from './books.fixture.ts';
import type { Books } from './books.ts';
import { checkBooks, expectedOf } from './check-books.ts';

const books: Books = {
  accounts: new Map([['ada', 80]]),
  deposited: new Map([['ada', 100]]),
  stock: new Map([['lamp', { received: 10, onHand: 8, reserved: 0, shipped: 2, returned: 0 }]]),
  stockMoves: [
    { orderId: 'o1', sku: 'lamp', what: 'reserved', quantity: 2 },
    { orderId: 'o1', sku: 'lamp', what: 'shipped', quantity: 2 },
  ],
  orders: [bought],
  returns: new Map(),
  sagas: new Map([['o1', true]]),
  payments: [{ orderId: 'o1', by: 'account', back: false, amount: 20 }],
  shipments: new Map([['o1', { last: 'ShipmentDispatched', booked: true }]]),
  mailsTold: ['o1:order-completed'],
  readModelFaults: [],
  deadLetters: [],
};

const kinds = (changed: Partial<Books>) => {
  const all = { ...books, ...changed };
  return checkBooks(all, expectedOf(all)).map(({ kind }) => kind);
};

describe('the books, judged by what the services recorded', () => {
  it('agree', () => expect(kinds({})).toEqual([]));

  it('agree on a customer without an account who has paid by card', () =>
    expect(
      kinds({
        orders: [{ ...bought, customerId: 'bob', byCard: true }],
        payments: [{ orderId: 'o1', by: 'card', back: false, amount: 20 }],
        accounts: new Map(),
        deposited: new Map(),
      }),
    ).toEqual([]));

  it.each<[string, Partial<Books>, string]>([
    ['an account that disappeared', { accounts: new Map() }, 'account_unbalanced'],
    ['money that disappeared', { accounts: new Map([['ada', 70]]) }, 'account_unbalanced'],
    [
      'stock that disappeared',
      { stock: new Map([['lamp', { received: 10, onHand: 7, reserved: 0, shipped: 2, returned: 0 }]]) },
      'stock_unbalanced',
    ],
    [
      'a payment without an order',
      { payments: [...books.payments, { orderId: 'o9', by: 'card', back: false, amount: 5 }] },
      'charge_without_order',
    ],
    ['a second payment', { payments: [...books.payments, ...books.payments] }, 'double_charge'],
    ['a second mail', { mailsTold: [...books.mailsTold, ...books.mailsTold] }, 'mail_double'],
    ['no mail', { mailsTold: [] }, 'mail_missing'],
    [
      'an order of a customer without an account',
      { orders: books.orders.map((order) => ({ ...order, customerId: 'bob', status: 'open' as const })) },
      'unended_order',
    ],
  ])('show %s', (_what, changed, kind) => {
    expect(kinds(changed)).toContain(kind);
  });
});
