import { booksByOrder } from './books-by-order.ts';
import type { Books, OrderBook, Payment, StockMove } from './books.ts';
import {
  refundKept,
  returnMailViolations,
  returnRefundViolations,
  returnedStockViolations,
  reversedFor,
} from './check-returns.ts';
import { violation, type Violation, type ViolationKind } from './violation.ts';

/**
 * The facts that the users of the shop know. Customers and products that are not named belong to
 * other tests.
 */
export interface Expected {
  /** The minor units that each customer deposited. */
  readonly deposited: ReadonlyMap<string, number>;
  /** The units received of each SKU. */
  readonly received: ReadonlyMap<string, number>;
  /** The orders that were accepted with 202. */
  readonly accepted: readonly string[];
  /** True if every answer is known, so that no other order may exist. */
  readonly complete: boolean;
  /** The answer to the cancellation of an order, if it is known. */
  readonly cancellations: ReadonlyMap<string, 'accepted' | 'refused'>;
  /** The kinds of mail in the sink, by order. */
  readonly mails: ReadonlyMap<string, readonly string[]>;
}

/**
 * Checks what must hold once all work has ended: every order has ended exactly once and has one
 * mail; no money or stock was created or lost; an order was paid and shipped if and only if it is
 * completed; the units of a completed return are on sale again and its money is refunded, those of a
 * closed one are not; the read models agree with the events.
 */
export function checkBooks(books: Books, expected: Expected): readonly Violation[] {
  const own = {
    ...books,
    orders: books.orders.filter(({ customerId }) => expected.deposited.has(customerId)),
  };
  const known = new Set(books.orders.map(({ orderId }) => orderId));
  const booksOf = booksByOrder(own);
  return [
    ...orderViolations(own, expected),
    ...books.payments.filter(({ orderId }) => !known.has(orderId)).map(chargedForNothing),
    ...own.orders.flatMap((order) => {
      const its = booksOf(order.orderId);
      return [
        ...paymentViolations(order, its),
        ...orderStockViolations(order, its),
        ...shipmentViolations(order, its),
        ...returnedStockViolations(order, its),
        ...returnRefundViolations(order, its),
      ];
    }),
    ...accountViolations(own, expected, booksOf),
    ...stockViolations(own, expected),
    ...own.orders.flatMap((order) => {
      const its = booksOf(order.orderId);
      return [...mailViolations(order, its, expected), ...returnMailViolations(order, its, expected.mails)];
    }),
    ...books.readModelFaults.map(({ subject, detail }) => violation('read_model', subject, detail)),
    ...deadLetterViolations(own),
  ];
}

const named = ({ orderId }: { readonly orderId: string }): string => `order ${orderId}`;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function orderViolations(
  { orders, sagas }: Books,
  { accepted, complete, cancellations }: Expected,
): readonly Violation[] {
  const known = new Set(orders.map(({ orderId }) => orderId));
  const wanted = new Set(accepted);
  const lost = [...wanted].filter((orderId) => !known.has(orderId));
  const extra = complete ? [...known].filter((orderId) => !wanted.has(orderId)) : [];
  return [
    ...lost.map((orderId) =>
      violation('lost_order', `order ${orderId}`, 'it was accepted with 202 and does not exist'),
    ),
    ...extra.map((orderId) => violation('extra_order', `order ${orderId}`, 'no customer knows of it')),
    ...orders.flatMap((order) => [
      ...(order.status === 'open'
        ? [violation('unended_order', named(order), 'it is neither completed nor cancelled')]
        : []),
      ...sagaViolations(order, sagas),
      ...cancellationViolations(order, cancellations.get(order.orderId)),
    ]),
  ];
}

function sagaViolations(order: OrderBook, sagas: Books['sagas']): readonly Violation[] {
  const ended = sagas.get(order.orderId);
  if (ended === true) return [];
  return [
    violation(
      'unended_saga',
      named(order),
      ended === undefined ? 'its fulfillment has not started' : 'its fulfillment is still running',
    ),
  ];
}

/** Compares the answer that the customer got with the order's end. */
function cancellationViolations(
  order: OrderBook,
  answer: 'accepted' | 'refused' | undefined,
): readonly Violation[] {
  if (answer === 'accepted' && order.status === 'completed')
    return [
      violation('cancellation_ignored', named(order), 'its cancellation was accepted, but it is completed'),
    ];
  if (answer === 'refused' && order.reason === 'cancelled_by_customer')
    return [
      violation(
        'cancellation_invented',
        named(order),
        'its cancellation was refused, but it is cancelled by the customer',
      ),
    ];
  return [];
}

const chargedForNothing = ({ orderId, by, amount }: Payment): Violation =>
  violation(
    'charge_without_order',
    `order ${orderId}`,
    `${amount} moved by ${by}, but there is no such order`,
  );

function paymentViolations(order: OrderBook, { payments }: Books): readonly Violation[] {
  const own = payments.filter(({ orderId, purpose }) => orderId === order.orderId && purpose !== 'return');
  const taken = own.filter((payment) => !payment.back);
  const back = own.filter((payment) => payment.back);
  const paid = sum(taken.map(({ amount }) => amount));
  const refunded = sum(back.map(({ amount }) => amount));
  const facts =
    `${order.status}, costs ${order.amount}; charged ${taken.length} times, ${paid} in total; ` +
    `refunded ${back.length} times, ${refunded} in total`;
  const found = (kind: ViolationKind) => [violation(kind, named(order), facts)];
  const wrong = taken.filter(
    ({ amount, by }) => amount !== order.amount || by !== (order.byCard ? 'card' : 'account'),
  );
  return [
    ...(taken.length > 1 ? found('double_charge') : []),
    ...(wrong.length > 0 ? found('wrong_charge') : []),
    ...(order.status === 'completed' && paid === 0 && order.amount > 0 ? found('unpaid') : []),
    ...(order.status === 'completed' && refunded > 0 ? found('refund_undue') : []),
    ...(order.status === 'cancelled' && refunded < paid ? found('refund_missing') : []),
    ...(order.status === 'cancelled' && refunded > paid ? found('refund_undue') : []),
  ];
}

/**
 * Compares the ledger's events with the orders. Only an error that both share would go unnoticed.
 */
function accountViolations(
  { orders, accounts }: Books,
  { deposited }: Expected,
  booksOf: (orderId: string) => Books,
): readonly Violation[] {
  const ofCustomers = Map.groupBy(orders, ({ customerId }) => customerId);
  return [...deposited].flatMap(([customer, amount]) => {
    const ordered = ofCustomers.get(customer) ?? [];
    const paid = ordered.filter((order) => order.status === 'completed' && !order.byCard);
    const spent = sum(paid.map((order) => order.amount - refundKept(order, booksOf(order.orderId))));
    const balance = accounts.get(customer);
    // A customer who has spent a refund that is reversed owes it.
    const owed = sum(paid.map((order) => reversedFor(order, booksOf(order.orderId))));
    const facts = `${amount} deposited, ${spent} spent, balance ${balance ?? 'unknown'}`;
    // Who pays by card has no account.
    const isBalanced = balance === undefined ? amount === 0 && spent === 0 : balance === amount - spent;
    return [
      ...(isBalanced ? [] : [violation('account_unbalanced', `account ${customer}`, facts)]),
      ...(balance !== undefined && balance < -owed
        ? [violation('overdrawn', `account ${customer}`, facts)]
        : []),
    ];
  });
}

function orderStockViolations(order: OrderBook, { stockMoves }: Books): readonly Violation[] {
  const own = stockMoves.filter(({ orderId }) => orderId === order.orderId);
  const skus = new Set([...order.lines.map(({ sku }) => sku), ...own.map(({ sku }) => sku)]);
  return [...skus].flatMap((sku) => {
    const of = (what: string) =>
      sum(own.filter((move) => move.sku === sku && move.what === what).map(({ quantity }) => quantity));
    const ordered = sum(order.lines.filter((line) => line.sku === sku).map(({ quantity }) => quantity));
    const reserved = of('reserved');
    const released = of('released');
    const shipped = of('shipped');
    const moves = `${reserved} reserved, ${released} released, ${shipped} shipped`;
    const facts = `${order.status}, ${ordered} of ${sku} ordered: ${moves}`;
    const found = (kind: ViolationKind) => [violation(kind, named(order), facts)];
    if (reserved > ordered) return found('double_reservation');
    if (order.status === 'completed')
      return reserved === ordered && shipped === ordered && released === 0 ? [] : found('stock_not_shipped');
    if (order.status === 'cancelled')
      return reserved === released && shipped === 0 ? [] : found('stock_not_released');
    return [];
  });
}

/** What came back is on hand once it is restocked, and counted apart until then. */
function stockViolations({ stock, stockMoves, orders }: Books, { received }: Expected): readonly Violation[] {
  const complete = orders.filter(({ status }) => status === 'completed').flatMap(({ lines }) => lines);
  const soldBySku = Map.groupBy(complete, ({ sku }) => sku);
  const movesBySku = Map.groupBy(stockMoves, ({ sku }) => sku);
  return [...received].flatMap(([sku, units]) => {
    const book = stock.get(sku) ?? { received: 0, onHand: 0, reserved: 0, shipped: 0, returned: 0 };
    const sold = sum((soldBySku.get(sku) ?? []).map(({ quantity }) => quantity));
    const moves = movesBySku.get(sku) ?? [];
    const moved = (what: StockMove['what']) =>
      sum(moves.filter((move) => move.what === what).map((move) => move.quantity));
    const restocked = moved('restocked');
    const returned = moved('returned') - moved('sent back') - restocked;
    const kept =
      `${book.onHand} on hand, ${book.reserved} reserved, ${book.shipped} shipped, ` +
      `${book.returned} returned`;
    const facts = `${units} received, ${sold} sold, ${restocked} restocked; the book has ${kept}`;
    const balances =
      book.received === units &&
      book.reserved === 0 &&
      book.returned === returned &&
      book.shipped === sold - restocked - returned &&
      book.onHand === units - sold + restocked;
    const least = Math.min(book.onHand, book.reserved, book.shipped, book.returned);
    return [
      ...(balances ? [] : [violation('stock_unbalanced', `product ${sku}`, facts)]),
      ...(least < 0 ? [violation('oversold', `product ${sku}`, facts)] : []),
    ];
  });
}

const onItsWay: ReadonlySet<string> = new Set(['ShipmentDispatched', 'ShipmentDelivered']);

function shipmentViolations(order: OrderBook, { shipments }: Books): readonly Violation[] {
  const shipment = shipments.get(order.orderId);
  const left = shipment !== undefined && onItsWay.has(shipment.last);
  const booking = shipment?.booked === true ? 'booked' : 'not booked';
  const facts = `${order.status}; ${shipment === undefined ? 'no shipment' : `${shipment.last}, ${booking}`}`;
  if (order.status === 'completed' && !(left && shipment.booked))
    return [violation('shipment_missing', named(order), facts)];
  if (order.status === 'cancelled' && (left || shipment?.booked === true))
    return [violation('shipment_standing', named(order), facts)];
  return [];
}

function mailViolations(order: OrderBook, { mailsTold }: Books, { mails }: Expected): readonly Violation[] {
  if (order.status === 'open') return [];
  const due = `order-${order.status}`;
  const sent = (mails.get(order.orderId) ?? []).filter((kind) => kind.startsWith('order-'));
  const told = mailsTold.filter((mail) => mail.startsWith(`${order.orderId}:order-`));
  const facts = `${due} is due; the sink has ${sent.join(', ') || 'none'}, notification recorded ${told.length}`;
  const found = (kind: ViolationKind) => [violation(kind, named(order), facts)];
  if (sent.length > 1 || told.length > 1) return found('mail_double');
  if (sent.length === 0 || told.length === 0) return found('mail_missing');
  return sent[0] === due ? [] : found('mail_wrong');
}

function deadLetterViolations({ deadLetters, orders }: Books): readonly Violation[] {
  const own = new Set(orders.map(({ orderId }) => orderId));
  return deadLetters
    .filter(({ key }) => own.has(key))
    .map(({ key, detail }) => violation('dead_letter', `order ${key}`, detail));
}

/**
 * Trusts the deposits, deliveries of stock, orders and sent mails that the services recorded. The
 * check is whether everything else follows from them.
 */
export function expectedOf({ deposited, stock, orders, mailsTold }: Books): Expected {
  const mails = new Map<string, string[]>();
  for (const told of mailsTold) {
    const [orderId = '', kind = ''] = told.split(':');
    mails.set(orderId, [...(mails.get(orderId) ?? []), kind]);
  }
  return {
    deposited: new Map([...orders.map(({ customerId }) => [customerId, 0] as const), ...deposited]),
    received: new Map([...stock].map(([sku, { received }]) => [sku, received])),
    accepted: orders.map(({ orderId }) => orderId),
    complete: true,
    cancellations: new Map(),
    mails,
  };
}
