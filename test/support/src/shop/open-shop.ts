import { randomBytes } from 'node:crypto';
import { checkOrigins } from '@millrace/testing/openapi';
import type { OrderStyle } from '@millrace/contracts';
import type { ServiceName, StackPlaces } from '../stack/spawn-stack.ts';
import { until } from '../stack/until.ts';
import type { Expected, StockBook } from '@millrace/books';
import { query, readBooks } from './stack-books.ts';
import { ask, Refused } from './http.ts';
import { allMails, mailsOf } from './mails.ts';
import { withSortedAnswers, type PublicEvent, type StoryTeller } from './story.ts';
import { orderStyles } from './styles.ts';

export interface ShopOptions {
  readonly stock: Readonly<Record<string, number>>;
  /** The minor units deposited, by the test's name for the customer. */
  readonly accounts: Readonly<Record<string, number>>;
  /** How the orders of the shop are fulfilled unless they say it themselves; by default the order service decides. */
  readonly style?: OrderStyle;
  /** The price of each product in minor units; 10_00 by default. */
  readonly prices?: Readonly<Record<string, number>>;
}

export interface NewOrder {
  readonly customer: string;
  readonly lines: Readonly<Record<string, number>>;
  readonly postcode?: string;
  readonly card?: string;
  readonly email?: string;
  readonly style?: OrderStyle;
}

export interface OrderView {
  readonly orderId: string;
  readonly status: string;
  readonly reason?: string;
  readonly total: { readonly amount: number; readonly currency: string };
  readonly version: number;
}

export interface SagaView {
  readonly status: string;
  readonly steps: ReadonlyArray<{
    readonly name: string;
    readonly status: string;
    readonly attempts: number;
    readonly sentAt: string | null;
  }>;
  readonly compensations: ReadonlyArray<{ readonly name: string; readonly status: string }>;
}

const endTimeoutMs = 60_000;

/** Opens a shop for one test on a shared stack. No other test uses its products and customers. */
export async function openShop(
  stack: StackPlaces,
  teller: StoryTeller,
  { stock, accounts, style, prices = {} }: ShopOptions,
): Promise<Shop> {
  const shop = new Shop(stack, teller, style);
  await Promise.all([
    ...Object.entries(stock).map(([name, units]) => shop.receive(name, units, prices[name] ?? 10_00)),
    ...Object.entries(accounts).map(([name, amount]) => shop.openAccount(name, amount)),
  ]);
  return shop;
}

export class Shop {
  readonly stack: StackPlaces;
  readonly #teller: StoryTeller;
  readonly #suffix = randomBytes(4).toString('hex');
  readonly #style: OrderStyle | undefined;
  readonly #products = new Map<string, number>();
  /** The minor units deposited, by customer. */
  readonly #customers = new Map<string, number>();

  constructor(stack: StackPlaces, teller: StoryTeller, style?: OrderStyle) {
    this.stack = stack;
    this.#style = style;
    checkOrigins(Object.values(stack.urls));
    this.#teller = teller;
  }

  sku = (name: string): string => `${name}-${this.#suffix}`;
  customerId = (name: string): string => `${name}-${this.#suffix}`;

  async receive(name: string, units: number, price: number): Promise<void> {
    const product = `${this.stack.urls.inventory}/products/${this.sku(name)}`;
    await ask('PUT', product, { name, price: { amount: price, currency: 'EUR' } });
    if (units > 0) await ask('POST', `${product}/receipts`, { quantity: units });
    this.#products.set(name, (this.#products.get(name) ?? 0) + units);
  }

  async openAccount(name: string, amount: number): Promise<void> {
    await ask('POST', `${this.stack.urls.payment}/accounts`, {
      customerId: this.customerId(name),
      currency: 'EUR',
    });
    if (amount > 0)
      await ask('POST', `${this.stack.urls.payment}/accounts/${this.customerId(name)}/deposits`, { amount });
    this.#customers.set(name, amount);
  }

  /** The request body of an order in this shop. */
  orderOf({ customer, lines, postcode = '10115', card, email, style = this.#style }: NewOrder) {
    return {
      customerId: this.customerId(customer),
      lines: Object.entries(lines).map(([name, quantity]) => ({ sku: this.sku(name), quantity })),
      shippingAddress: {
        name: `${customer} Tester`,
        street: 'Mill Lane 1',
        city: 'Berlin',
        postcode,
        country: 'DE',
      },
      ...(card !== undefined && { paymentMethod: { card } }),
      ...(email !== undefined && { email }),
      ...(style !== undefined && orderStyles.length > 1 && { style }),
    };
  }

  /**
   * Places an order. Its products may be brand-new, since the order service waits for their prices.
   */
  async place(order: NewOrder, headers: Readonly<Record<string, string>> = {}): Promise<PlacedOrder> {
    const url = `${this.stack.urls.order}/orders`;
    const { orderId } = await ask<{ orderId: string }>('POST', url, this.orderOf(order), headers);
    return this.#order(orderId);
  }

  /** Every order of this shop's customers, read by the tests' own SQL. */
  async orders(): Promise<readonly PlacedOrder[]> {
    const customers = new Set([...this.#customers.keys()].map(this.customerId));
    const { orders } = await readBooks(this.stack);
    return orders
      .filter(({ customerId }) => customers.has(customerId))
      .map(({ orderId }) => this.#order(orderId));
  }

  /** Balances and stock by the test's names, read from the events by the tests' own SQL. */
  async books(): Promise<Readonly<Record<string, number | Shelf>>> {
    const { accounts, stock } = await readBooks(this.stack);
    const balances = [...this.#customers.keys()].map(
      (name) => [name, accounts.get(this.customerId(name)) ?? 0] as const,
    );
    const shelves = [...this.#products.keys()].map(
      (name) => [name, shelf(stock.get(this.sku(name)))] as const,
    );
    return Object.fromEntries([...balances, ...shelves]);
  }

  /** The expected books after every order of this shop has ended. */
  async expected(knowing: Pick<Expected, 'accepted' | 'complete' | 'cancellations'>): Promise<Expected> {
    return {
      ...knowing,
      deposited: new Map([...this.#customers].map(([name, amount]) => [this.customerId(name), amount])),
      received: new Map([...this.#products].map(([name, units]) => [this.sku(name), units])),
      mails: await allMails(this.stack.mailFolder),
    };
  }

  mails(order: PlacedOrder): Promise<readonly string[]> {
    return mailsOf(this.stack.mailFolder, order.orderId);
  }

  #order(orderId: string): PlacedOrder {
    return new PlacedOrder(this.stack, this.#teller, orderId);
  }
}

/** Has the units that came back only while there are any. */
type Shelf = Omit<StockBook, 'received' | 'returned'> & Partial<Pick<StockBook, 'returned'>>;

function shelf(book: StockBook | undefined): Shelf {
  const { onHand, reserved, shipped, returned } = book ?? {
    onHand: 0,
    reserved: 0,
    shipped: 0,
    returned: 0,
  };
  return { onHand, reserved, shipped, ...(returned > 0 && { returned }) };
}

export class PlacedOrder {
  readonly orderId: string;
  readonly #stack: StackPlaces;
  readonly #teller: StoryTeller;

  constructor(stack: StackPlaces, teller: StoryTeller, orderId: string) {
    this.#stack = stack;
    this.#teller = teller;
    this.orderId = orderId;
  }

  view(): Promise<OrderView> {
    return ask('GET', `${this.#stack.urls.order}/orders/${this.orderId}`);
  }

  async saga(): Promise<SagaView | undefined> {
    try {
      return await ask<SagaView>('GET', `${this.#stack.urls.order}/sagas/${this.orderId}`);
    } catch (error) {
      if (error instanceof Refused && error.answer.status === 404) return undefined;
      throw error;
    }
  }

  async cancel(): Promise<void> {
    await ask('POST', `${this.#stack.urls.order}/orders/${this.orderId}/cancel`);
  }

  /** Waits until a step's command has been sent. */
  sent(step: string): Promise<void> {
    return until(
      `step ${step} of order ${this.orderId}`,
      endTimeoutMs,
      async () =>
        (await this.saga())?.steps.some(({ name, sentAt }) => name === step && sentAt !== null) ?? false,
    );
  }

  /**
   * Waits until the order and its saga have ended and its mail is recorded. Fails if the order
   * ended differently.
   */
  async endsAs(status: 'completed' | 'cancelled', reason?: string): Promise<void> {
    const view = await this.ended();
    const was = view.reason === undefined ? view.status : `${view.status} (${view.reason})`;
    const wanted = reason === undefined ? status : `${status} (${reason})`;
    if (was !== wanted)
      throw new Error(`order ${this.orderId} should have ended as ${wanted}, but is ${was}`);
  }

  /** Rejects with the error of a wait and the present state of the order and its saga. */
  explain = async (cause: unknown): Promise<never> => {
    const [view, saga] = await Promise.all([this.view(), this.saga()]);
    throw new Error(`${String(cause)} ${JSON.stringify({ view, saga })}`, { cause });
  };

  async ended(): Promise<OrderView> {
    let view: OrderView | undefined;
    let seen = 'nothing seen';
    await until(
      () => `order ${this.orderId} to end: ${seen}`,
      endTimeoutMs,
      async () => {
        view = await this.view();
        seen = `the order is ${view.status}`;
        if (!['completed', 'cancelled'].includes(view.status)) return false;
        const saga = await this.saga();
        seen += `, its saga ${saga?.status ?? 'unknown'}`;
        if (saga === undefined || !['completed', 'compensated'].includes(saga.status)) return false;
        const { items } = await ask<{ items: unknown[] }>(
          'GET',
          `${this.#stack.urls.notification}/notifications?orderId=${this.orderId}`,
        );
        seen += ', without a mail';
        return items.length > 0;
      },
    ).catch(this.explain);
    if (view === undefined) throw new Error('ended without a view');
    return view;
  }

  /** Waits until the shipment has this status. */
  shipmentBecomes(status: string): Promise<void> {
    const url = `${this.#stack.urls.shipping}/shipments/${this.orderId}`;
    return until(
      `the shipment of order ${this.orderId} to be ${status}`,
      endTimeoutMs,
      async () => (await ask<{ status: string }>('GET', url)).status === status,
    );
  }

  publicEvents(): Promise<readonly PublicEvent[]> {
    return this.#teller.of(this.orderId);
  }

  /**
   * The types of the public events in order, up to the order's end. The mail, dispatch and delivery
   * after it are left out. The answers to the failure of a choreographed order are sorted.
   */
  async story(): Promise<readonly string[]> {
    const aftermath = new Set(['NotificationSent', 'ShipmentDispatched', 'ShipmentDelivered']);
    const types = (await this.publicEvents()).map(({ type }) => type);
    return withSortedAnswers(types.filter((type) => !aftermath.has(type)));
  }

  /** The types of the private events of one stream, read by the tests' own SQL. */
  async privateEvents(service: ServiceName, stream: string): Promise<readonly string[]> {
    const rows = await query(
      this.#stack,
      service,
      'SELECT type FROM event WHERE stream = $1 ORDER BY version',
      [stream],
    );
    return rows.map((row) => row.type ?? '');
  }
}
