import { setTimeout as sleep } from 'node:timers/promises';
import {
  cancelIfInTime,
  competition,
  randomCustomers,
  randomOrder,
  randomProducts,
  type CancellationAnswer,
  type PlacedOrder,
  type Shop,
  type ShopOptions,
} from '@millrace/test-support/shop';
import type { ChaosOptions } from './options.ts';
import { randomReturn, sendBack } from './returns.ts';

/** The outcomes of the orders, as far as their customers know. */
export interface Load {
  readonly placed: readonly PlacedOrder[];
  readonly cancellations: ReadonlyMap<string, CancellationAnswer>;
  /** Resolves when every order is placed, and every cancellation and request of a return is answered. */
  readonly done: Promise<void>;
}

const buyers = 8;
const cancelled = 0.12;
const cancelDelayMsMax = 1_500;
/** The share of orders whose carrier stays silent, so that their timers fire. */
const unanswered = 0.1;
const unansweredPostcode = '99999';

/** The share of orders that wait for the end of the upgrade. */
const placedAfterUpgrade = 0.2;

export interface LoadContext {
  readonly random: () => number;
  /** Resolves once the order service is upgraded, or immediately without an upgrade. */
  readonly upgraded: Promise<void>;
  readonly signal: AbortSignal;
}

/** So that the refund of some returns is above the limit and needs an approval. */
const dearer = 5;

/** A shop in which about half of the orders find enough money and stock. */
export const shopFor = (orders: number): ShopOptions => ({
  stock: Object.fromEntries(
    randomProducts.map((name, index) => [name, Math.ceil((orders * (3 + index)) / 18)]),
  ),
  accounts: Object.fromEntries(
    randomCustomers.map((name, index) => [name, orders * (60 + index * 60) * dearer]),
  ),
  prices: Object.fromEntries(
    Object.entries(competition.prices).map(([name, price]) => [name, price * dearer]),
  ),
});

/**
 * Customers place their orders one after the other, cancel some at random moments, and send some
 * that were completed back. A call that a kill cut off is repeated under its idempotency key, so that in the end it is known whether each
 * order exists.
 */
export function placeOrders(
  shop: Shop,
  { orders: count, overSeconds, styles }: Pick<ChaosOptions, 'orders' | 'overSeconds' | 'styles'>,
  { random, upgraded, signal }: LoadContext,
): Load {
  const placed: PlacedOrder[] = [];
  const cancellations = new Map<string, CancellationAnswer>();
  const startedAt = performance.now();
  const wanted = Array.from({ length: count }, (_, index) => {
    const order = {
      ...randomOrder(random, styles),
      ...(random() < unanswered && { postcode: unansweredPostcode }),
    };
    return {
      order,
      cancelAfterMs: random() < cancelled ? random() * cancelDelayMsMax : undefined,
      sentBack: randomReturn(order.lines, random),
      atMs: startedAt + (index * overSeconds * 1_000) / count,
      mayBePlaced: index < count * (1 - placedAfterUpgrade) ? undefined : upgraded,
    };
  });
  const changes: Promise<void>[] = [];
  const buy = async () => {
    for (let next = wanted.shift(); next !== undefined && !signal.aborted; next = wanted.shift()) {
      await sleep(Math.max(0, next.atMs - performance.now()));
      await next.mayBePlaced;
      const order = await shop.place(next.order);
      placed.push(order);
      if (next.cancelAfterMs !== undefined) awaitAtTheEnd(cancelLater(order, next.cancelAfterMs));
      if (next.sentBack !== undefined) awaitAtTheEnd(sendBack(shop, order, next.sentBack, signal));
    }
  };
  const awaitAtTheEnd = (change: Promise<void>) => {
    change.catch(() => undefined);
    changes.push(change);
  };
  const cancelLater = async (order: PlacedOrder, delayMs: number) => {
    await sleep(delayMs);
    cancellations.set(order.orderId, await cancelIfInTime(order));
  };
  const done = Promise.all(Array.from({ length: buyers }, buy)).then(
    async () => void (await Promise.all(changes)),
  );
  return { placed, cancellations, done };
}
