import { afterAll, describe, expect, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import {
  cancelIfInTime,
  competition,
  openShop,
  problemsAfter,
  randomOrder,
  StoryTeller,
  type CancellationAnswer,
  type PlacedOrder,
} from '@millrace/test-support/shop';
import { sharedStack } from '@millrace/test-support/stack';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

const ordersPlaced = 120;
const concurrency = 12;

describe(`random orders of both styles, of ten customers for eight products (seed ${seed})`, () => {
  it('W01 W10 all end, with exact money and stock and one mail each', async () => {
    const shop = await openShop(stack, teller, competition);
    const random = seededRandom(seed);
    const wanted = Array.from({ length: ordersPlaced }, () => ({
      order: randomOrder(random),
      cancel: random() < 0.1,
    }));

    const placed: PlacedOrder[] = [];
    const cancellations = new Map<string, CancellationAnswer>();
    const buyer = async () => {
      for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
        const order = await shop.place(next.order);
        placed.push(order);
        if (next.cancel) cancellations.set(order.orderId, await cancelIfInTime(order));
      }
    };
    await Promise.all(Array.from({ length: concurrency }, buyer));
    const endings = await Promise.all(placed.map(async (order) => (await order.ended()).status));

    expect(await problemsAfter(shop, placed, cancellations)).toEqual([]);
    expect(endings.filter((status) => status === 'completed').length).toBeGreaterThan(0);
    expect(endings.filter((status) => status === 'cancelled').length).toBeGreaterThan(0);
  });
});
