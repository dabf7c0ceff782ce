import * as sql from './books.sql.ts';
import {
  readDatabase,
  serviceNames,
  type Bounds,
  type ServiceDatabases,
  type ServiceName,
} from './service-databases.ts';

/** The totals of a SKU's events. */
export interface StockBook {
  readonly received: number;
  readonly onHand: number;
  readonly reserved: number;
  readonly shipped: number;
  /** The units that have come back and are not for sale yet. */
  readonly returned: number;
}

export interface OrderBook {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: 'open' | 'completed' | 'cancelled';
  readonly reason: string | null;
  readonly amount: number;
  readonly byCard: boolean;
  readonly lines: ReadonlyArray<{ readonly sku: string; readonly quantity: number }>;
}

/** The return of some lines of a completed order. */
export interface ReturnBook {
  readonly status: 'open' | 'completed' | 'closed';
  /** The amount to refund. */
  readonly refund: number;
  readonly lines: OrderBook['lines'];
}

/** Units of a SKU that an order or its return moved. */
export interface StockMove {
  readonly orderId: string;
  readonly sku: string;
  readonly what: 'reserved' | 'released' | 'shipped' | 'returned' | 'sent back' | 'restocked';
  readonly quantity: number;
}

/** Money that an order or its return charged to the customer or refunded. */
export interface Payment {
  readonly orderId: string;
  readonly by: 'account' | 'card';
  readonly back: boolean;
  readonly amount: number;
  /** Present in the refund of a return and in its reversal. */
  readonly purpose?: 'return';
}

interface Shipment {
  /** The type of the shipment's last event. */
  readonly last: string;
  /** True while the carrier has a booking that was not cancelled. */
  readonly booked: boolean;
}

/**
 * The books according to the events, read by SQL of its own without the services' code or read models.
 */
export interface Books {
  /** The balance of each customer: deposits minus withdrawals. */
  readonly accounts: ReadonlyMap<string, number>;
  /** The deposits of each customer, without the payments and refunds of orders and returns. */
  readonly deposited: ReadonlyMap<string, number>;
  readonly stock: ReadonlyMap<string, StockBook>;
  readonly stockMoves: readonly StockMove[];
  readonly orders: readonly OrderBook[];
  /** The returns, by order. */
  readonly returns: ReadonlyMap<string, ReturnBook>;
  /** Whether the saga has ended, by order. */
  readonly sagas: ReadonlyMap<string, boolean>;
  readonly payments: readonly Payment[];
  readonly shipments: ReadonlyMap<string, Shipment>;
  /**
   * The mails that the notification service recorded as sent, as `ORDER:KIND`, repetitions
   * included.
   */
  readonly mailsTold: readonly string[];
  /** Rows of read models that differ from the events. */
  readonly readModelFaults: ReadonlyArray<{ readonly subject: string; readonly detail: string }>;
  /** The dead letters, by the key of the message, which is mostly an order's id. */
  readonly deadLetters: ReadonlyArray<{ readonly key: string; readonly detail: string }>;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Reads the books of all five services at the same time. Each database is read at a moment of its
 * own, so work under way may disagree. Rejects if a database cannot be reached or a statement
 * fails, and with the reason of `bounds.signal` once that aborts.
 */
export async function readBooks(databases: ServiceDatabases, bounds: Bounds = {}): Promise<Books> {
  const reading = (service: ServiceName) => ({ url: databases[service], service, bounds });
  const [order, inventory, payment, shipping, notification] = await Promise.all([
    readAll(reading('order'), [sql.orders, sql.sagas, sql.returns]),
    readAll(reading('inventory'), [sql.stockMoves]),
    readAll(reading('payment'), [sql.ledger, sql.payments, sql.deposits, sql.cardOrders]),
    readAll(reading('shipping'), [sql.shipments]),
    readAll(reading('notification'), [sql.mailsTold]),
  ]);
  const all = { order, inventory, payment, shipping, notification };
  const [orders = [], sagas = [], returns = []] = order.answers;
  const [moves = []] = inventory.answers;
  const [balances = [], payments = [], deposits = [], cardOrders = []] = payment.answers;
  const byCard = new Set(cardOrders.map((row) => row.order_id));
  const [shipments = []] = shipping.answers;
  const [mails = []] = notification.answers;
  return {
    accounts: new Map(balances.map((row) => [String(row.customer), Number(row.balance)])),
    deposited: new Map(deposits.map((row) => [String(row.customer), Number(row.amount)])),
    stock: stockOf(moves),
    stockMoves: moves.flatMap(stockMove),
    orders: orders.map((row) => orderBook(row, byCard.has(row.order_id))),
    returns: new Map(returns.map((row) => [String(row.order_id), returnBook(row)])),
    sagas: new Map(sagas.map((row) => [String(row.order_id), row.ended === true])),
    payments: payments.map((row) => ({
      orderId: String(row.order_id),
      by: row.by as Payment['by'],
      back: row.back === true,
      amount: Number(row.amount),
      ...(row.purpose === 'return' && { purpose: 'return' as const }),
    })),
    shipments: new Map(
      shipments.map((row) => [String(row.order_id), { last: String(row.last), booked: row.booked === true }]),
    ),
    mailsTold: mails.map((row) => `${row.order_id}:${row.kind}`),
    readModelFaults: serviceNames.flatMap((service) => all[service].faults),
    deadLetters: serviceNames.flatMap((service) => all[service].deadLetters),
  };
}

interface ServiceReading {
  readonly url: string;
  readonly service: ServiceName;
  readonly bounds: Bounds;
}

async function readAll({ url, service, bounds }: ServiceReading, statements: readonly string[]) {
  return readDatabase(url, bounds, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const read = async (text: string): Promise<readonly Row[]> => (await client.query<Row>(text)).rows;
    const answers: (readonly Row[])[] = [];
    for (const statement of statements) answers.push(await read(statement));
    const faults: Row[] = [];
    for (const statement of sql.readModelDifferences[service]) faults.push(...(await read(statement)));
    const letters = await read(sql.deadLetters);
    await client.query('COMMIT');
    return {
      answers,
      faults: faults.map((row) => ({
        subject: String(row.subject),
        detail: `its events say ${String(row.events)}, its read model says ${String(row.read_model)}`,
      })),
      deadLetters: letters.map((row) => ({
        key: String(row.key),
        detail: `${row.type} is on ${row.topic}: ${row.reason}`,
      })),
    };
  });
}

const orderBook = (row: Row, byCard: boolean): OrderBook => ({
  orderId: String(row.order_id),
  customerId: String(row.customer),
  status: row.status as OrderBook['status'],
  reason: row.reason as string | null,
  amount: Number(row.amount),
  byCard: (row.by_card_in_plain_text as boolean | null) ?? byCard,
  lines: row.lines as OrderBook['lines'],
});

const returnBook = (row: Row): ReturnBook => ({
  status: row.status as ReturnBook['status'],
  refund: Number(row.refund),
  lines: row.lines as ReturnBook['lines'],
});

const moveNames: Readonly<Record<string, StockMove['what']>> = {
  StockReserved: 'reserved',
  StockReleased: 'released',
  StockShipped: 'shipped',
  StockReturned: 'returned',
  StockSentBack: 'sent back',
  StockRestocked: 'restocked',
};

function stockMove(row: Row): readonly StockMove[] {
  const what = moveNames[String(row.type)];
  return what === undefined
    ? []
    : [{ orderId: String(row.order_id), sku: String(row.sku), what, quantity: Number(row.quantity) }];
}

const noStock: StockBook = { received: 0, onHand: 0, reserved: 0, shipped: 0, returned: 0 };

/** What one unit of an event adds to the figures. */
const effects: Readonly<Record<string, Partial<StockBook>>> = {
  StockReceived: { received: 1, onHand: 1 },
  StockReserved: { onHand: -1, reserved: 1 },
  StockReleased: { onHand: 1, reserved: -1 },
  StockShipped: { reserved: -1, shipped: 1 },
  StockReturned: { shipped: -1, returned: 1 },
  StockSentBack: { shipped: 1, returned: -1 },
  StockRestocked: { onHand: 1, returned: -1 },
};

function stockOf(moves: readonly Row[]): ReadonlyMap<string, StockBook> {
  const stock = new Map<string, StockBook>();
  for (const row of moves) {
    const sku = String(row.sku);
    const units = Number(row.quantity);
    const before = stock.get(sku) ?? noStock;
    const effect = effects[String(row.type)] ?? {};
    stock.set(sku, {
      received: before.received + units * (effect.received ?? 0),
      onHand: before.onHand + units * (effect.onHand ?? 0),
      reserved: before.reserved + units * (effect.reserved ?? 0),
      shipped: before.shipped + units * (effect.shipped ?? 0),
      returned: before.returned + units * (effect.returned ?? 0),
    });
  }
  return stock;
}
