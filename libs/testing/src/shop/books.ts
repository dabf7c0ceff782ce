import { Client } from 'pg';
import type { ServiceName, StackPlaces } from '../stack/spawn-stack.ts';

/** What a SKU's events add up to. */
export interface StockBook {
  readonly received: number;
  readonly onHand: number;
  readonly reserved: number;
  readonly shipped: number;
}

export interface OrderBook {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: string;
  readonly amount: number;
  readonly byCard: boolean;
  readonly lines: ReadonlyArray<{ readonly sku: string; readonly quantity: number }>;
}

/** The books as the events say, by SQL of the tests' own: neither the services' code nor their read models are asked. */
export interface Books {
  /** Balance by customer: deposits less withdrawals. */
  readonly accounts: ReadonlyMap<string, number>;
  readonly stock: ReadonlyMap<string, StockBook>;
  readonly orders: readonly OrderBook[];
  /** What each order's payment moved: withdrawn from its account, or charged to a card, less what was given back. */
  readonly paid: ReadonlyMap<string, number>;
}

const balances = `
  SELECT substring(stream FROM 9) AS customer, sum(CASE type WHEN 'MoneyDeposited' THEN 1 WHEN 'MoneyWithdrawn' THEN -1 ELSE 0 END * coalesce((data->>'amount')::bigint, 0)) AS balance
  FROM event WHERE stream LIKE 'account-%' GROUP BY stream`;

const stock = `
  SELECT substring(stream FROM 7) AS sku,
    sum((data->>'quantity')::bigint) FILTER (WHERE type = 'StockReceived') AS received,
    sum((data->>'quantity')::bigint) FILTER (WHERE type = 'StockReserved') AS taken,
    sum((data->>'quantity')::bigint) FILTER (WHERE type = 'StockReleased') AS given_back,
    sum((data->>'quantity')::bigint) FILTER (WHERE type = 'StockShipped') AS shipped
  FROM event WHERE stream LIKE 'stock-%' GROUP BY stream`;

const orders = `
  SELECT substring(e.stream FROM 7) AS order_id, e.data->>'customerId' AS customer, (e.data->'total'->>'amount')::bigint AS amount, e.data->'lines' AS lines, e.personal->'paymentMethod' ? 'card' AS by_card,
    coalesce((SELECT CASE type WHEN 'OrderCompleted' THEN 'completed' ELSE 'cancelled' END FROM event l WHERE l.stream = e.stream AND l.type IN ('OrderCompleted', 'OrderCancelled')), 'open') AS status
  FROM event e WHERE e.stream LIKE 'order-%' AND e.type = 'OrderCreated'`;

/** By account from the ledger, by card from the provider's own books. */
const paid = `
  SELECT order_id, sum(amount) AS amount FROM (
    SELECT data->>'orderId' AS order_id, CASE type WHEN 'MoneyWithdrawn' THEN 1 ELSE -1 END * (data->>'amount')::bigint AS amount
      FROM event WHERE stream LIKE 'account-%' AND data ? 'orderId'
    UNION ALL
    SELECT split_part(key, ':', 1), amount FROM provider_charge WHERE outcome = 'approved'
    UNION ALL
    SELECT split_part(c.key, ':', 1), -c.amount FROM provider_refund r JOIN provider_charge c ON c.key = r.charge_key
  ) moved GROUP BY order_id`;

type Row = Record<string, string | null>;

export async function readBooks(stack: StackPlaces): Promise<Books> {
  const [accountRows, stockRows, orderRows, paidRows] = await Promise.all([
    query(stack, 'payment', balances),
    query(stack, 'inventory', stock),
    query(stack, 'order', orders),
    query(stack, 'payment', paid),
  ]);
  return {
    accounts: new Map(accountRows.map((row) => [row.customer ?? '', Number(row.balance)])),
    stock: new Map(stockRows.map((row) => [row.sku ?? '', stockBook(row)])),
    orders: orderRows.map((row) => ({
      orderId: row.order_id ?? '',
      customerId: row.customer ?? '',
      status: row.status ?? '',
      amount: Number(row.amount),
      byCard: (row.by_card as unknown) === true,
      lines: row.lines as unknown as OrderBook['lines'],
    })),
    paid: new Map(paidRows.map((row) => [row.order_id ?? '', Number(row.amount)])),
  };
}

function stockBook(row: Row): StockBook {
  const [received, taken, givenBack, shipped] = [Number(row.received), Number(row.taken), Number(row.given_back), Number(row.shipped)];
  return { received, onHand: received - taken + givenBack, reserved: taken - givenBack - shipped, shipped };
}

/** A query of the test's own, on a connection of its own. */
export async function query(
  stack: Pick<StackPlaces, 'postgresUrl'>,
  service: ServiceName,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const client = new Client({ connectionString: `${stack.postgresUrl}/millrace_${service}` });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

/**
 * Everything that has to hold once every order has ended: money is neither made nor lost, stock adds up to the unit, an order was paid if
 * and only if it is complete. Returns what is wrong, a sentence each; empty when the books balance.
 */
export function problemsOf(books: Books, deposited: ReadonlyMap<string, number>): readonly string[] {
  const open = books.orders.filter(({ status }) => status === 'open').map(({ orderId }) => `order ${orderId} has not ended`);
  return [...open, ...moneyProblems(books, deposited), ...stockProblems(books)];
}

function moneyProblems({ accounts, orders, paid }: Books, deposited: ReadonlyMap<string, number>): readonly string[] {
  const perOrder = orders.flatMap(({ orderId, status, amount }) => {
    const due = status === 'completed' ? amount : 0;
    const was = paid.get(orderId) ?? 0;
    return was === due ? [] : [`order ${orderId} is ${status}: ${due} was due, ${was} was paid`];
  });
  const perAccount = [...deposited].flatMap(([customer, amount]) => {
    const spent = orders
      .filter((order) => order.customerId === customer && order.status === 'completed' && !order.byCard)
      .reduce((sum, order) => sum + order.amount, 0);
    const balance = accounts.get(customer);
    return balance === amount - spent ? [] : [`account ${customer}: ${amount} deposited, ${spent} spent, balance ${balance}`];
  });
  const negative = [...accounts]
    .filter(([, balance]) => balance < 0)
    .map(([customer, balance]) => `account ${customer} is overdrawn: ${balance}`);
  return [...perOrder, ...perAccount, ...negative];
}

function stockProblems({ stock, orders }: Books): readonly string[] {
  const sold = new Map<string, number>();
  for (const { sku, quantity } of orders.filter(({ status }) => status === 'completed').flatMap(({ lines }) => lines))
    sold.set(sku, (sold.get(sku) ?? 0) + quantity);
  return [...stock].flatMap(([sku, { received, onHand, reserved, shipped }]) => [
    ...(onHand + reserved + shipped === received
      ? []
      : [`${sku}: ${onHand} + ${reserved} + ${shipped} is not the ${received} that were received`]),
    ...(onHand < 0 || reserved < 0 ? [`${sku}: on hand ${onHand}, reserved ${reserved}`] : []),
    ...(shipped === (sold.get(sku) ?? 0) ? [] : [`${sku}: ${shipped} shipped, ${sold.get(sku) ?? 0} sold`]),
  ]);
}
