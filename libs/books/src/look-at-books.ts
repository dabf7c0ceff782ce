import { OperationFailed } from '@millrace/operations/client';
import { readBooks, type Books } from './books.ts';
import { checkBooks, expectedOf } from './check-books.ts';
import { checkServices, overviewViolations, type ServiceViolation } from './check-services.ts';
import { query, type Bounds, type ServiceDatabases } from './service-databases.ts';
import type { Violation } from './violation.ts';

export type Found = Violation | ServiceViolation;

/** How much a look has compared. */
export interface Counted {
  readonly orders: number;
  /** The orders that have not ended. */
  readonly open: number;
  readonly sagas: number;
  readonly payments: number;
  readonly shipments: number;
  readonly mails: number;
  readonly accounts: number;
  readonly products: number;
}

export interface Look {
  readonly found: readonly Found[];
  readonly counted: Counted;
}

/** The parts of a look, in their order. */
const steps = [
  'reading the events of all services',
  'comparing orders, money, stock and mails',
  'looking for gaps in streams, parked messages and dead letters',
  'comparing the overviews of orders with the events',
] as const;

/** The part of a look that begins. */
interface LookStep {
  readonly doing: string;
  readonly done: number;
  readonly of: number;
}

interface LookOptions extends Bounds {
  readonly databases: ServiceDatabases;
  /** The database of the order service's read models, if they have one of their own. */
  readonly readUrl: string | undefined;
  /** The most orders to read into memory; without it, any number. */
  readonly ordersMax?: number;
  /** Is called before each part of the look. */
  readonly onStep?: (step: LookStep) => void;
}

/**
 * Reads the books of all services once, and finds everything that disagrees. Work under way
 * disagrees too, because the databases are not read at one moment: `lastingViolations` looks again.
 */
export async function lookAtBooks(options: LookOptions): Promise<Look> {
  const { databases, readUrl, ordersMax, onStep } = options;
  const begin = (done: number) => onStep?.({ doing: steps[done] ?? '', done, of: steps.length });
  begin(0);
  if (ordersMax !== undefined) await refuseMoreOrders(databases, ordersMax, options);
  const books = await readBooks(databases, options);
  begin(1);
  const inBooks = checkBooks(books, expectedOf(books));
  begin(2);
  const inServices = await checkServices(databases, books, options);
  begin(3);
  const inOverviews = await overviewViolations(databases, readUrl, options);
  return { found: [...inBooks, ...inServices, ...inOverviews], counted: countedIn(books) };
}

async function refuseMoreOrders(databases: ServiceDatabases, ordersMax: number, bounds: Bounds) {
  const count = `SELECT count(*) AS orders FROM event WHERE stream LIKE 'order-%' AND type = 'OrderCreated'`;
  const [row] = await query(databases.order, count, [], bounds);
  const orders = Number(row?.orders);
  if (orders > ordersMax)
    throw new OperationFailed(
      `there are ${orders} orders, and at most ${ordersMax} are checked here: run npm run millrace -- verify`,
    );
}

const countedIn = (books: Books): Counted => ({
  orders: books.orders.length,
  open: books.orders.filter(({ status }) => status === 'open').length,
  sagas: books.sagas.size,
  payments: books.payments.length,
  shipments: books.shipments.size,
  mails: books.mailsTold.length,
  accounts: books.accounts.size,
  products: books.stock.size,
});

/** What a look has compared, such as `24 orders (2 open), 24 sagas, 22 payments and 3 products`. */
export function countedInWords({ open, ...counted }: Counted): string {
  const many = (value: number, name: string) =>
    `${value.toLocaleString('en')} ${value === 1 ? name.slice(0, -1) : name}`;
  const ordersOpen = open === 0 ? '' : ` (${open.toLocaleString('en')} open)`;
  const parts = Object.entries(counted).map(
    ([name, value]: [string, number]) => `${many(value, name)}${name === 'orders' ? ordersOpen : ''}`,
  );
  return `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}
