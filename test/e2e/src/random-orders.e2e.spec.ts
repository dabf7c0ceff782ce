import { afterAll, describe, expect, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import { competition, openShop, problemsAfter, randomOrder, sharedStack, StoryTeller, type PlacedOrder } from '@millrace/testing/shop';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

const ordersPlaced = 120;
const concurrency = 12;

describe(`random orders of ten customers for eight products (seed ${seed})`, () => {
  it('all end, with money and stock right to the unit and one mail each', async () => {
    const shop = await openShop(stack, teller, competition);
    const random = seededRandom(seed);
    const wanted = Array.from({ length: ordersPlaced }, () => ({ order: randomOrder(random), cancel: random() < 0.1 }));

    const placed: PlacedOrder[] = [];
    const buyer = async () => {
      for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
        const order = await shop.place(next.order);
        placed.push(order);
        if (next.cancel) await order.cancel().catch(() => undefined); // 409 when it came too late
      }
    };
    await Promise.all(Array.from({ length: concurrency }, buyer));
    const endings = await Promise.all(placed.map(async (order) => (await order.ended()).status));

    expect(await problemsAfter(shop, placed)).toEqual([]);
    expect(endings.filter((status) => status === 'completed').length).toBeGreaterThan(0);
    expect(endings.filter((status) => status === 'cancelled').length).toBeGreaterThan(0);
  });
});
