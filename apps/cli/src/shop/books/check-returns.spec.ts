import { describe, expect, it } from '@jest/globals';
import { bought } from './books.fixture.ts';
import type { Books, ReturnBook, StockMove } from './books.ts';
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
