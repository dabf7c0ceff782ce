import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../stack/until.ts';
import type { PlacedOrder, Shop } from './open-shop.ts';
import { cancelIfInTime, problemsAfter, randomOrder, type CancellationAnswer } from './random-orders.ts';

/** Waits for so many orders more than now. */
export type BuyMore = (count: number) => Promise<void>;

export interface Customers {
  readonly buyers?: number;
  /** How long each of them waits between an order and the next, by default 100 ms. Without a pause their backlog grows as long as they buy. */
  readonly pauseMs?: number;
  /** How long the last orders may take to end. */
  readonly settleMs?: number;
}

export interface BusyShop {
  /** Orders by now. */
  placed(): number;
  /**
   * While customers buy, each one order after the other, and cancel some; a service that is down is asked again. Afterwards nothing is bought any
   * more, and every order ends: what is wrong then, a sentence each.
   */
  during(what: (buyMore: BuyMore) => Promise<void>, customers?: Customers): Promise<readonly string[]>;
}

/** A shop whose orders are all placed here, so that it is known which there should be. */
export function busyShop(shop: Shop, random: () => number): BusyShop {
  const placed: PlacedOrder[] = [];
  const cancellations = new Map<string, CancellationAnswer>();
  return {
    placed: () => placed.length,
    async during(what, { buyers = buyersByDefault, pauseMs = pauseMsByDefault, settleMs } = {}) {
      let closed = false;
      const buy = async () => {
        while (!closed) {
          const wanted = randomOrder(random);
          const changesMind = random() < cancelled;
          const order = await shop.place(wanted);
          placed.push(order);
          if (changesMind) cancellations.set(order.orderId, await cancelIfInTime(order));
          await sleep(pauseMs);
        }
      };
      const buying = Promise.all(Array.from({ length: buyers }, buy));
      const buyMore = (count: number) => {
        const wanted = placed.length + count;
        return until(`${count} more orders to be placed`, buyTimeoutMs, () => placed.length >= wanted);
      };
      await what(buyMore).finally(() => (closed = true));
      await buying;
      return problemsAfter(shop, placed, cancellations, settleMs);
    },
  };
}

const buyersByDefault = 2;
const pauseMsByDefault = 100;
const cancelled = 0.1;
const buyTimeoutMs = 90_000;
