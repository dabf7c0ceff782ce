import { describe, expect, it } from '@jest/globals';
import { bought } from './books.fixture.ts';
import type { Books, OrderBook } from './books.ts';
import { checkBooks, type Expected } from './check-books.ts';
import { inWords, isPassing } from './violation.ts';

const turnedDown: OrderBook = {
  ...bought,
  orderId: 'o2',
  status: 'cancelled',
  reason: 'address_refused',
  byCard: true,
};

/** Books with a completed order and one that was paid by card and then refunded. */
const good: Books = {
  accounts: new Map([['ada', 80]]),
  deposited: new Map([['ada', 100]]),
  stock: new Map([['lamp', { received: 10, onHand: 8, reserved: 0, shipped: 2, returned: 0 }]]),
  stockMoves: [
    { orderId: 'o1', sku: 'lamp', what: 'reserved', quantity: 2 },
    { orderId: 'o2', sku: 'lamp', what: 'reserved', quantity: 2 },
    { orderId: 'o2', sku: 'lamp', what: 'released', quantity: 2 },
    { orderId: 'o1', sku: 'lamp', what: 'shipped', quantity: 2 },
  ],
  orders: [bought, turnedDown],
  returns: new Map(),
  sagas: new Map([
    ['o1', true],
    ['o2', true],
  ]),
  payments: [
    { orderId: 'o1', by: 'account', back: false, amount: 20 },
    { orderId: 'o2', by: 'card', back: false, amount: 20 },
    { orderId: 'o2', by: 'card', back: true, amount: 20 },
  ],
  shipments: new Map([
    ['o1', { last: 'ShipmentDelivered', booked: true }],
    ['o2', { last: 'ShipmentFailed', booked: false }],
  ]),
  mailsTold: ['o1:order-completed', 'o2:order-cancelled'],
  readModelFaults: [],
  deadLetters: [],
};

const expected: Expected = {
  deposited: new Map([['ada', 100]]),
  received: new Map([['lamp', 10]]),
  accepted: ['o1', 'o2'],
  complete: true,
  cancellations: new Map(),
  mails: new Map([
    ['o1', ['order-completed']],
    ['o2', ['order-cancelled']],
  ]),
};

const kindsOf = (books: Partial<Books>, knowing: Partial<Expected> = {}): readonly string[] => [
  ...new Set(checkBooks({ ...good, ...books }, { ...expected, ...knowing }).map(({ kind }) => kind)),
];

const shipmentOf = (orderId: string, last: string, booked: boolean) =>
  new Map([...good.shipments, [orderId, { last, booked }]]);

describe('the books of a shop', () => {
  it('have no violation when they balance', () => {
    expect(checkBooks(good, expected)).toEqual([]);
  });

  it("have no violation because of other shops' records", () => {
    const theirs: OrderBook = { ...bought, orderId: 'o9', customerId: 'eve', status: 'open' };

    expect(
      kindsOf({ orders: [...good.orders, theirs], accounts: new Map([...good.accounts, ['eve', -5]]) }),
    ).toEqual([]);
  });

  it('are reported with the violation, its subject and the figures', () => {
    const [found] = checkBooks({ ...good, payments: [...good.payments, good.payments[0]!] }, expected);

    expect(inWords(found!)).toBe(
      'double_charge: order o1: completed, costs 20; charged 2 times, 40 in total; refunded 0 times, 0 in total',
    );
  });

  const faults: ReadonlyArray<readonly [string, readonly string[], Partial<Books>, Partial<Expected>?]> = [
    ['an accepted order that does not exist', ['lost_order'], {}, { accepted: ['o1', 'o2', 'o3'] }],
    ['an order that no customer knows of', ['extra_order'], {}, { accepted: ['o1'] }],
    [
      'an order that has not ended',
      ['unended_order', 'account_unbalanced', 'stock_unbalanced'],
      { orders: [{ ...bought, status: 'open' }, turnedDown] },
    ],
    ['a saga that has not ended', ['unended_saga'], { sagas: new Map([...good.sagas, ['o1', false]]) }],
    ['a saga that has not started', ['unended_saga'], { sagas: new Map([['o2', true]]) }],
    [
      'a cancellation that was accepted and then ignored',
      ['cancellation_ignored'],
      {},
      { cancellations: new Map([['o1', 'accepted']]) },
    ],
    [
      'a cancellation that was refused and then carried out',
      ['cancellation_invented'],
      { orders: [bought, { ...turnedDown, reason: 'cancelled_by_customer' }] },
      { cancellations: new Map([['o2', 'refused']]) },
    ],
    ['a second charge', ['double_charge'], { payments: [...good.payments, good.payments[0]!] }],
    [
      'a second charge that was refunded as well',
      ['double_charge'],
      { payments: [...good.payments, good.payments[1]!, good.payments[2]!] },
    ],
    ['an order that nobody paid', ['unpaid'], { payments: good.payments.slice(1) }],
    [
      'a charge that differs from the price',
      ['wrong_charge'],
      { payments: [{ ...good.payments[0]!, amount: 19 }, ...good.payments.slice(1)] },
    ],
    [
      'the card instead of the account',
      ['wrong_charge'],
      { payments: [{ ...good.payments[0]!, by: 'card' }, ...good.payments.slice(1)] },
    ],
    ['a missing refund', ['refund_missing'], { payments: good.payments.slice(0, 2) }],
    ['a double refund', ['refund_undue'], { payments: [...good.payments, good.payments[2]!] }],
    [
      'a refund of a completed order',
      ['refund_undue'],
      { payments: [...good.payments, { ...good.payments[0]!, back: true }] },
    ],
    [
      'a charge without an order',
      ['charge_without_order'],
      { payments: [...good.payments, { ...good.payments[0]!, orderId: 'o7' }] },
    ],
    ['a wrong balance', ['account_unbalanced'], { accounts: new Map([['ada', 79]]) }],
    ['a missing account', ['account_unbalanced'], { accounts: new Map() }],
    ['an account below zero', ['account_unbalanced', 'overdrawn'], { accounts: new Map([['ada', -1]]) }],
    [
      'a lost unit',
      ['stock_unbalanced'],
      { stock: new Map([['lamp', { received: 10, onHand: 7, reserved: 0, shipped: 2, returned: 0 }]]) },
    ],
    [
      'a receipt that was applied twice',
      ['stock_unbalanced'],
      { stock: new Map([['lamp', { received: 20, onHand: 18, reserved: 0, shipped: 2, returned: 0 }]]) },
    ],
    [
      'stock that was sold although there was none',
      ['stock_unbalanced', 'oversold'],
      { stock: new Map([['lamp', { received: 10, onHand: -1, reserved: 0, shipped: 11, returned: 0 }]]) },
    ],
    [
      'a reservation that was made twice',
      ['double_reservation'],
      { stockMoves: [good.stockMoves[0]!, ...good.stockMoves] },
    ],
    [
      'stock that was not released',
      ['stock_not_released'],
      { stockMoves: good.stockMoves.filter(({ what }) => what !== 'released') },
    ],
    [
      'stock of a completed order that is still reserved',
      ['stock_not_shipped'],
      { stockMoves: good.stockMoves.slice(0, 3) },
    ],
    [
      'a completed order that is not dispatched',
      ['shipment_missing'],
      { shipments: shipmentOf('o1', 'ShipmentScheduled', true) },
    ],
    [
      'a completed order without a booking at the carrier',
      ['shipment_missing'],
      { shipments: shipmentOf('o1', 'ShipmentDelivered', false) },
    ],
    [
      'a booking of a cancelled order that was not cancelled',
      ['shipment_standing'],
      { shipments: shipmentOf('o2', 'ShipmentCancelled', true) },
    ],
    [
      'a cancelled order that is dispatched',
      ['shipment_standing'],
      { shipments: shipmentOf('o2', 'ShipmentDispatched', false) },
    ],
    ['a missing mail', ['mail_missing'], {}, { mails: new Map([['o1', ['order-completed']]]) }],
    ['a mail that notification did not record', ['mail_missing'], { mailsTold: ['o1:order-completed'] }],
    [
      'a mail of each kind',
      ['mail_double'],
      {},
      { mails: new Map([...expected.mails, ['o1', ['order-cancelled', 'order-completed']]]) },
    ],
    [
      'a mail that was recorded twice',
      ['mail_double'],
      { mailsTold: [...good.mailsTold, 'o1:order-completed'] },
    ],
    [
      'the wrong mail',
      ['mail_wrong'],
      {},
      { mails: new Map([...expected.mails, ['o1', ['order-cancelled']]]) },
    ],
    [
      'a read model that differs',
      ['read_model'],
      { readModelFaults: [{ subject: 'product lamp', detail: '8/0/2, 9/0/2' }] },
    ],
    ['a dead letter', ['dead_letter'], { deadLetters: [{ key: 'o1', detail: 'ProcessPayment' }] }],
  ];

  for (const [what, kinds, books, knowing] of faults)
    it(`K06 have a violation with ${what}`, () => {
      expect(kindsOf(books, knowing)).toEqual(kinds);
    });

  it('may have late entries, but never duplicate ones', () => {
    const late = checkBooks({ ...good, sagas: new Map(), payments: good.payments.slice(0, 2) }, expected);
    const twice = checkBooks({ ...good, payments: [...good.payments, ...good.payments] }, expected);

    expect(late.every(isPassing)).toBe(true);
    expect(twice.some((found) => !isPassing(found))).toBe(true);
  });
});
