import { describe, expect, it } from '@jest/globals';
import { bought } from './books.fixture.ts';
import type { Books, Payment, ReturnBook, StockMove } from './books.ts';
import { checkBooks, expectedOf } from './check-books.ts';

const lamp = (what: StockMove['what'], quantity: number): StockMove => ({
  orderId: 'o1',
  sku: 'lamp',
  what,
  quantity,
});
const sold = [lamp('reserved', 2), lamp('shipped', 2)];
const asked: ReturnBook = { status: 'completed', refund: 0, lines: [{ sku: 'lamp', quantity: 1 }] };

/** Books with an order of two lamps, of which one came back and is on sale again. */
const good: Books = {
  accounts: new Map([['ada', 80]]),
  deposited: new Map([['ada', 100]]),
  stock: new Map([['lamp', { received: 10, onHand: 9, reserved: 0, shipped: 1, returned: 0 }]]),
  stockMoves: [...sold, lamp('returned', 1), lamp('restocked', 1)],
  orders: [bought],
  returns: new Map([['o1', asked]]),
  sagas: new Map([['o1', true]]),
  payments: [{ orderId: 'o1', by: 'account', back: false, amount: 20 }],
  shipments: new Map([['o1', { last: 'ShipmentDelivered', booked: true }]]),
  mailsTold: ['o1:order-completed', 'o1:return-label', 'o1:return-completed'],
  readModelFaults: [],
  deadLetters: [],
};

const kindsOf = (changed: Partial<Books>): readonly string[] => {
  const books = { ...good, ...changed };
  return [...new Set(checkBooks(books, expectedOf(books)).map(({ kind }) => kind))];
};
const stock = (onHand: number, shipped: number, returned: number): Books['stock'] =>
  new Map([['lamp', { received: 10, onHand, reserved: 0, shipped, returned }]]);
const ended = (status: ReturnBook['status']): Books['returns'] => new Map([['o1', { ...asked, status }]]);

describe('the books of a shop with a return', () => {
  it.each<[string, Partial<Books>]>([
    ['it is completed', {}],
    [
      'it is open and its units are back',
      {
        returns: ended('open'),
        stock: stock(8, 1, 1),
        stockMoves: [...sold, lamp('returned', 1)],
        mailsTold: ['o1:order-completed', 'o1:return-label'],
      },
    ],
    [
      'it is open and nothing has come back',
      { returns: ended('open'), stock: stock(8, 2, 0), stockMoves: sold, mailsTold: ['o1:order-completed'] },
    ],
    [
      'it is closed and its units were sent back',
      {
        returns: ended('closed'),
        stock: stock(8, 2, 0),
        stockMoves: [...sold, lamp('returned', 1), lamp('sent back', 1)],
        mailsTold: ['o1:order-completed', 'o1:return-label', 'o1:return-closed'],
      },
    ],
    [
      'it is closed without a label',
      {
        returns: ended('closed'),
        stock: stock(8, 2, 0),
        stockMoves: sold,
        mailsTold: ['o1:order-completed', 'o1:return-closed'],
      },
    ],
  ])('balance when %s', (_what, changed) => {
    expect(kindsOf(changed)).toEqual([]);
  });

  it.each<[string, readonly string[], Partial<Books>]>([
    [
      'units that came back without a return',
      ['return_undue', 'mail_wrong'],
      { returns: new Map(), stock: stock(9, 1, 0) },
    ],
    [
      'more units than the return names',
      ['return_undue'],
      { stock: stock(10, 0, 0), stockMoves: [...sold, lamp('returned', 2), lamp('restocked', 2)] },
    ],
    [
      'units that are both sent back and on sale',
      ['return_undue', 'stock_unbalanced'],
      { stockMoves: [...good.stockMoves, lamp('sent back', 1)] },
    ],
    [
      'units of a completed return that are not on sale',
      ['stock_not_restocked'],
      { stock: stock(8, 1, 1), stockMoves: [...sold, lamp('returned', 1)] },
    ],
    [
      'a completed return without units',
      ['stock_not_restocked'],
      { stock: stock(8, 2, 0), stockMoves: sold },
    ],
    [
      'units of a closed return that were not sent back',
      ['stock_not_sent_back'],
      {
        returns: ended('closed'),
        stock: stock(8, 1, 1),
        stockMoves: [...sold, lamp('returned', 1)],
        mailsTold: ['o1:order-completed', 'o1:return-closed'],
      },
    ],
    ['a returned unit that disappeared', ['stock_unbalanced'], { stock: stock(8, 1, 0) }],
    ['a missing mail about the end', ['mail_missing'], { mailsTold: good.mailsTold.slice(0, 2) }],
    ['two mails with the label', ['mail_double'], { mailsTold: [...good.mailsTold, 'o1:return-label'] }],
    ['a mail about another end', ['mail_wrong'], { mailsTold: [...good.mailsTold, 'o1:return-closed'] }],
    [
      'a mail about a return that is still open',
      ['mail_wrong'],
      { returns: ended('open'), mailsTold: good.mailsTold },
    ],
  ])('K06 have a violation with %s', (_what, kinds, changed) => {
    expect(kindsOf(changed)).toEqual(kinds);
  });
});

describe('the money in the books of a shop with a return', () => {
  const move = (back: boolean, amount: number, by: Payment['by'] = 'account'): Payment => ({
    orderId: 'o1',
    by,
    back,
    amount,
    purpose: 'return',
  });
  const refund = move(true, 8);
  const reversal = move(false, 8);

  /** Books with a return of 8 that has ended like this, and these moves of money beside the payment. */
  function booksOf(
    status: ReturnBook['status'] | undefined,
    moves: readonly Payment[],
    balance: number,
  ): Partial<Books> {
    const unpaid = { ...good, payments: [...good.payments, ...moves], accounts: new Map([['ada', balance]]) };
    if (status === undefined)
      return {
        ...unpaid,
        returns: new Map(),
        stock: stock(8, 2, 0),
        stockMoves: sold,
        mailsTold: ['o1:order-completed'],
      };
    const returns = new Map([['o1', { ...asked, status, refund: 8 }]]);
    if (status === 'completed') return { ...unpaid, returns };
    const end = status === 'closed' ? ['o1:return-closed'] : [];
    return {
      ...unpaid,
      returns,
      stock: stock(8, 2, 0),
      stockMoves: sold,
      mailsTold: ['o1:order-completed', ...end],
    };
  }

  it.each<[string, Partial<Books>]>([
    ['a completed return has refunded its amount', booksOf('completed', [refund], 88)],
    ['an open return has refunded its amount', booksOf('open', [refund], 88)],
    ['an open return has refunded nothing', booksOf('open', [], 80)],
    ['a closed return has taken back its refund', booksOf('closed', [refund, reversal], 80)],
    ['a closed return has never refunded', booksOf('closed', [], 80)],
    [
      'a customer owes a refund that was spent and then taken back',
      {
        ...booksOf('closed', [refund, reversal], -5),
        deposited: new Map([['ada', 15]]),
      },
    ],
    [
      'a completed return has refunded its amount to the card',
      {
        ...booksOf('completed', [move(true, 8, 'card')], 100),
        orders: [{ ...bought, byCard: true }],
        payments: [{ orderId: 'o1', by: 'card', back: false, amount: 20 }, move(true, 8, 'card')],
      },
    ],
  ])('balances when %s', (_what, changed) => {
    expect(kindsOf(changed)).toEqual([]);
  });

  it.each<[string, readonly string[], Partial<Books>]>([
    ['a refund without a return', ['refund_undue', 'account_unbalanced'], booksOf(undefined, [refund], 88)],
    ['a refund of a closed return', ['refund_undue', 'account_unbalanced'], booksOf('closed', [refund], 88)],
    ['a second refund', ['refund_undue', 'account_unbalanced'], booksOf('completed', [refund, refund], 96)],
    ['a refund beyond its amount', ['refund_undue'], booksOf('open', [move(true, 9)], 89)],
    ['a refund below its amount', ['refund_missing'], booksOf('open', [move(true, 7)], 87)],
    [
      'a completed return without a refund',
      ['refund_missing', 'account_unbalanced'],
      booksOf('completed', [], 80),
    ],
    [
      'a completed return whose refund was taken back',
      ['refund_missing', 'account_unbalanced'],
      booksOf('completed', [refund, reversal], 80),
    ],
    [
      'a refund that was taken back twice',
      ['double_charge', 'account_unbalanced'],
      booksOf('closed', [refund, reversal, reversal], 72),
    ],
    [
      'a refund to the card of an order that the account paid',
      ['wrong_charge', 'account_unbalanced'],
      booksOf('completed', [move(true, 8, 'card')], 80),
    ],
    [
      'a balance below what is owed',
      ['account_unbalanced', 'overdrawn'],
      { ...booksOf('closed', [refund, reversal], -9), deposited: new Map([['ada', 15]]) },
    ],
  ])('K06 has a violation with %s', (_what, kinds, changed) => {
    expect(kindsOf(changed)).toEqual(kinds);
  });
});
