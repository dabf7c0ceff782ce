import { randomOrder, until, type PlacedOrder, type Shop } from '@millrace/testing/shop';

/** Customers who buy while something happens to the stack. */
export interface Customers {
  readonly placed: readonly PlacedOrder[];
  /** Waits for so many orders more than now. */
  buyMore(count: number): Promise<void>;
  /** Nothing is bought any more; every order that was placed. */
  close(): Promise<readonly PlacedOrder[]>;
}

const buyersByDefault = 2;
const cancelled = 0.1;
const buyTimeoutMs = 90_000;

/** Each places orders one after the other until told to stop, and cancels some; a service that is down is asked again. */
export function customersGoOn(shop: Shop, random: () => number, buyers = buyersByDefault): Customers {
  const placed: PlacedOrder[] = [];
  let closed = false;
  const buy = async () => {
    while (!closed) {
      const [wanted, changesMind] = [randomOrder(random), random() < cancelled];
      const order = await shop.place(wanted);
      placed.push(order);
      if (changesMind) await order.cancel().catch(() => undefined); // 409 when it came too late
    }
  };
  const buying = Promise.all(Array.from({ length: buyers }, buy));
  buying.catch(() => undefined); // whoever closes hears of it
  return {
    placed,
    buyMore(count) {
      const wanted = placed.length + count;
      return until(`${count} more orders to be placed`, buyTimeoutMs, () => placed.length >= wanted);
    },
    async close() {
      closed = true;
      await buying;
      return placed;
    },
  };
}
