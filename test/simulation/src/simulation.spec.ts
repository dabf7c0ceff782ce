import { describe, expect, it } from '@jest/globals';
import { seed } from '@millrace/testing/random';
import * as books from './books.ts';
import { unitPrice } from './order-service.ts';
import { simulate } from './simulate.ts';
import { orderIds, World, type WorldSettings } from './world.ts';

/** On an idle machine, both tests together take about half a minute. `npm run verify -- simulation` plays more. */
const seedsPerTest = 2_500;
const limitMs = 240_000;

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
      balances: { ada: 2 * unitPrice, bob: 0 },
      impatience: 0,
    };
    const world = new World(settings);
    for (const { orderId } of settings.orders) world.happen(world.happening(`customer places ${orderId}`)!);
    world.settle();
    expect([...world.order.orders.values()].map(({ status }) => status)).toEqual(['completed', 'completed']);
    books.checkEnd(settings, world);
  });

  it(
    'reach every end of orders and returns that the seeds can lead to',
    () => {
      const ends = new Set<string>();
      const checkEnd = (_: WorldSettings, { order }: World) => {
        for (const state of order.orders.values()) ends.add('reason' in state ? state.reason : state.status);
        for (const state of order.returns.values())
          ends.add(`return ${'reason' in state ? state.reason : state.status}`);
      };
      for (let next = 1; next <= 1_000; next += 1) simulate(next, { ...books, checkEnd });
      const expected = [
        'address_refused',
        'cancelled_by_customer',
        'card_declined',
        'completed',
        'insufficient_funds',
        'out_of_stock',
        'return approval_overdue',
        'return completed',
        'return denied',
        'return parcel_overdue',
        'return return_overdue',
        'return step_timeout',
        'return withdrawn_by_customer',
        'step_timeout',
      ];
      expect(expected.filter((end) => !ends.has(end))).toEqual([]);
    },
    limitMs,
  );

  it('are told as the shortest story if a rule is broken, which the seed tells again', () => {
    const { checkStep } = books;
    const noParcel = (settings: WorldSettings, world: World) => {
      if (world.shipping.dispatched.size > 0) throw new Error('a parcel is on its way');
      checkStep(settings, world);
    };
    const rules = { checkStep: noParcel, checkEnd: noParcel };
    let failed: ReturnType<typeof simulate>;
    for (let next = 1; failed === undefined && next <= 200; next += 1) failed = simulate(next, rules);
    const { seed, problem, story = [], happened = 0 } = failed ?? { seed: 0 };
    expect(problem).toBe('a parcel is on its way');
    expect(story).toContainEqual(expect.stringMatching(/^customer places order \d -> /));
    expect(story.filter((line) => line.startsWith('customer places'))).toHaveLength(1);
    expect(story.at(-1)).toMatch(/^shipping takes OrderCompleted of order \d -> ShipmentDispatched$/);
    expect(story.length).toBeLessThan(happened);
    expect(simulate(seed, rules)).toEqual(failed);
  });
});
