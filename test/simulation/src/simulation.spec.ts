import { describe, expect, it } from '@jest/globals';
import { seed } from '@millrace/testing/random';
import { checkEnd } from './books.ts';
import { simulate } from './simulate.ts';
import { orderIds, World } from './world.ts';

/** Both tests together take about half a minute. `npm run verify -- simulation` plays more. */
const seedsPerTest = 2_000;
const limitMs = 120_000;

/** A failure has the seed, and the story that it was shortened to. */
function expectToHold(from: number): void {
  for (let next = from; next < from + seedsPerTest; next += 1) expect(simulate(next)).toBeUndefined();
}

describe('orders, stock, money and parcels, when messages are late or repeated and processes die', () => {
  it(
    'P09 end exactly once, with exact books and no rejected command that must not be rejected',
    () => {
      expectToHold(1);
    },
    limitMs,
  );

  it(
    `P09 end in the same way for seeds that nobody has chosen (from ${seed})`,
    () => {
      expectToHold(seed);
    },
    limitMs,
  );

  it('complete when nothing prevents them', () => {
    const settings = {
      orders: [`${orderIds}1`, `${orderIds}2`].map((orderId, index) => ({
        orderId,
        customerId: 'ada',
        lines: [{ sku: 'lamp', quantity: 2 }],
        paymentMethod: index === 0 ? ('account' as const) : { card: 'tok_approve' },
        postcode: '10115',
      })),
      units: { lamp: 4, vase: 0 },
      balances: { ada: 20, bob: 0 },
      impatience: 0,
    };
    const world = new World(settings);
    for (const { orderId } of settings.orders) world.happen(world.happening(`customer places ${orderId}`)!);
    world.settle();
    expect([...world.order.orders.values()].map(({ status }) => status)).toEqual(['completed', 'completed']);
    checkEnd(settings, world);
  });
});
