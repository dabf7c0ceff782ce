import { seededRandom } from '@millrace/testing/random';
import type { Shop } from '@millrace/test-support/shop';
import type { OrderEnd, OrderEnds } from './order-ends.ts';

/**
 * One order, timed from the request's first byte to its end as a consumer of `order-events` sees
 * it.
 */
export interface Timed {
  readonly as: OrderEnd;
  readonly ms: number;
}

export interface LoadResult {
  readonly orders: readonly Timed[];
  /** The time from the first request to the last end. */
  readonly seconds: number;
}

export const products = Array.from({ length: 50 }, (_, index) => `product${index}`);
export const customers = Array.from({ length: 500 }, (_, index) => `customer${index}`);
const plenty = (names: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(names.map((name) => [name, 1_000_000]));
/** More stock and money than any bench needs. */
export const stock = { stock: plenty(products), accounts: plenty(customers) };
const compensatedShare = 0.1;
const orderMsMax = 60_000;

/** Places random orders. */
export class Load {
  readonly #shop: Shop;
  readonly #ends: OrderEnds;
  readonly #random = seededRandom(1);
  readonly #headers: () => Readonly<Record<string, string>>;

  /** `headers` is called for each order. */
  constructor(shop: Shop, ends: OrderEnds, headers: () => Readonly<Record<string, string>> = () => ({})) {
    this.#shop = shop;
    this.#ends = ends;
    this.#headers = headers;
  }

  /** Keeps this many orders in flight. */
  async closedLoop(concurrency: number, orders: number): Promise<LoadResult> {
    const startedAt = performance.now();
    const timed: Timed[] = [];
    let left = orders;
    const client = async () => {
      while (left-- > 0) timed.push(await this.#order(performance.now()));
    };
    await Promise.all(Array.from({ length: concurrency }, client));
    return { orders: timed, seconds: (performance.now() - startedAt) / 1_000 };
  }

  /**
   * Places this many orders per second, whether or not earlier ones have ended. The time of an
   * order counts from the moment at which it was due.
   */
  async openLoop(rate: number, seconds: number): Promise<LoadResult> {
    const startedAt = performance.now();
    const orders = Array.from({ length: rate * seconds }, async (_, index) => {
      const dueAt = startedAt + (index * 1_000) / rate;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAt - performance.now())));
      return this.#order(dueAt);
    });
    const timed = await Promise.all(orders);
    return { orders: timed, seconds: (performance.now() - startedAt) / 1_000 };
  }

  async #order(from: number): Promise<Timed> {
    const { orderId } = await this.#shop.place(randomOrder(this.#random), this.#headers());
    const { as, at } = await this.#ends.of(orderId, orderMsMax);
    return { as, ms: at - from };
  }
}

/** An order of one to three lines. A tenth of them goes to an address that the carrier refuses. */
export function randomOrder(random: () => number) {
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
  const lines = Object.fromEntries(
    Array.from({ length: 1 + Math.floor(random() * 3) }, () => [pick(products), 1]),
  );
  return {
    customer: pick(customers),
    lines,
    ...(random() < compensatedShare && { postcode: '00000' }),
  };
}
