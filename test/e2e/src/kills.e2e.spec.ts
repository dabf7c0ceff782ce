import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import {
  competition,
  openShop,
  problemsAfter,
  randomOrder,
  serviceNames,
  startStack,
  StoryTeller,
  until,
  type PlacedOrder,
  type Shop,
  type TestStack,
} from '@millrace/testing/shop';

const random = seededRandom(seed);

/** Places orders one after the other until told to stop; a service that is down is asked again. */
function customersGoOn(shop: Shop) {
  const placed: PlacedOrder[] = [];
  let closed = false;
  const buying = (async () => {
    while (!closed) placed.push(await shop.place(randomOrder(random)));
  })();
  return {
    placed,
    async close() {
      closed = true;
      await buying;
      return placed;
    },
  };
}

describe(`kill -9 in the middle of orders (seed ${seed})`, () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: Shop;

  beforeAll(async () => {
    stack = await startStack();
    teller = new StoryTeller(stack.bootstrapServers);
    shop = await openShop(stack, teller, competition);
  });
  afterAll(async () => {
    await teller.close();
    await stack.stop();
  });

  it.each([...serviceNames, 'broker'] as const)('of %s loses no order and no unit, and repeats none', async (part) => {
    const customers = customersGoOn(shop);
    await whenPlaced(customers.placed, 8);

    await stack.kill(part);
    await whenPlaced(customers.placed, customers.placed.length + 8);
    const placed = await customers.close();
    await Promise.all(placed.map((order) => order.ended()));

    expect(await problemsAfter(shop, placed)).toEqual([]);
  });
});

async function whenPlaced(placed: readonly PlacedOrder[], count: number): Promise<void> {
  await until(`${count} orders to be placed`, 60_000, () => placed.length >= count);
}
