import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderStyle } from '@millrace/contracts';
import { until } from '../stack/until.ts';
import type { PlacedOrder, Shop } from './open-shop.ts';
import { cancelIfInTime, problemsAfter, randomOrder, type CancellationAnswer } from './random-orders.ts';

/** Waits until this many more orders have been placed. */
export type BuyMore = (count: number) => Promise<void>;

interface Customers {
  readonly buyers?: number;
  /**
   * The pause of each customer between two orders, by default 300 ms. Without a pause the backlog
   * would keep growing.
   */
  readonly pauseMs?: number;
  /** The time within which the last orders must end. */
  readonly settleMs?: number;
}

export interface BusyShop {
  placed(): number;
  /**
   * Runs `what` while customers place one order after the other and cancel some of them. Calls to a
   * service that is down are repeated. Then the customers stop and every order ends. Resolves to
   * the problems found, one sentence each.
   */
  during(what: (buyMore: BuyMore) => Promise<void>, customers?: Customers): Promise<readonly string[]>;
}

/**
 * A shop that places all orders itself, so that it knows which must exist. Each is of one of the styles;
 * without any, the order service decides.
 */
export function busyShop(shop: Shop, random: () => number, styles?: readonly OrderStyle[]): BusyShop {
  const placed: PlacedOrder[] = [];
  const cancellations = new Map<string, CancellationAnswer>();
  return {
    placed: () => placed.length,
    async during(what, { buyers = buyersByDefault, pauseMs = pauseMsByDefault, settleMs } = {}) {
      let closed = false;
      const buy = async () => {
        while (!closed) {
          const wanted = randomOrder(random, styles);
          const changesMind = random() < cancelled;
          const order = await shop.place(wanted);
          placed.push(order);
          if (changesMind) cancellations.set(order.orderId, await cancelIfInTime(order));
          await sleep(pauseMs);
        }
      };
      const buying = Promise.all(Array.from({ length: buyers }, buy));
      buying.catch(() => undefined); // if `what` rejects too, its error is the one that counts
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
const pauseMsByDefault = 300;
const cancelled = 0.1;
const buyTimeoutMs = 90_000;
