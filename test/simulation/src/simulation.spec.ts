import { describe, expect, it } from '@jest/globals';
import type { OrderStyle } from '@millrace/contracts';
import { seed } from '@millrace/testing/random';
import * as books from './books.ts';
import { choreographed, choreographedEnds } from './choreography/choreography.ts';
import { unitPrice } from './order-service.ts';
import { simulate } from './simulate.ts';
import { orderIds, World, type WorldSettings } from './world.ts';

/** `npm run verify -- simulation` plays more. */
const seedsPerTest = 2_500;
const limitMs = 240_000;

/** A failure has the seed, and the story that it was shortened to. */
async function expectToHold(from: number, rules?: typeof books): Promise<void> {
  for (let next = from; next < from + seedsPerTest; next += 1)
    expect(await simulate(next, rules)).toBeUndefined();
}

const styles: readonly OrderStyle[] = ['orchestrated', choreographed];

/** Every way in which orders and returns can end. */
const allEnds = [
  ...choreographedEnds,
  'orchestrated address_refused',
  'orchestrated cancelled_by_customer',
  'orchestrated card_declined',
  'orchestrated completed',
  'orchestrated insufficient_funds',
  'orchestrated out_of_stock',
  'orchestrated step_timeout',
  'return approval_overdue',
  'return completed',
  'return denied',
  'return parcel_overdue',
  'return return_overdue',
  'return step_timeout',
  'return withdrawn_by_customer',
];

describe('orders of every style, when messages are late, lost or repeated and processes die', () => {
  it(
    'P09 end exactly once, in each possible way, with exact books and no rejected command that must not be rejected',
    async () => {
      const ends = new Set<string>();
      const checkEnd = (settings: WorldSettings, world: World) => {
        books.checkEnd(settings, world);
        for (const order of world.order.orders.values())
          if (order.status !== 'absent')
            ends.add(`${order.style} ${'reason' in order ? order.reason : order.status}`);
        for (const state of world.order.returns.values())
          ends.add(`return ${'reason' in state ? state.reason : state.status}`);
      };
      await expectToHold(1, { ...books, checkEnd });
      expect(allEnds.filter((end) => !ends.has(end))).toEqual([]);
    },
    limitMs,
  );

  it(
    `P09 end in the same way for seeds that nobody has chosen (from ${seed})`,
    () => expectToHold(seed),
    limitMs,
  );

  it('complete when nothing prevents them, and need no timer for it', async () => {
    const orders = styles.flatMap((style, index) =>
      ['account' as const, { card: 'tok_approve' }].map((paymentMethod, number) => ({
        orderId: `${orderIds}${2 * index + number}`,
        customerId: 'ada',
        lines: [{ sku: 'lamp', quantity: 2 }],
        paymentMethod,
        postcode: '10115',
        style,
      })),
    );
    const left = { ada: 4 * unitPrice, bob: 0 };
    const settings = { orders, units: { lamp: 8, vase: 0 }, balances: left, impatience: 0 };
    const world = new World(settings);
    for (const { orderId } of orders) await world.happen(world.happening(`customer places ${orderId}`)!);
    await world.settle();
    const statuses = [...world.order.orders.values()].map(({ status }) => status);
    expect(statuses).toEqual(orders.map(() => 'completed'));
    expect(world.story.filter((line) => /timer|deadline/.test(line))).toEqual([]);
    books.checkEnd(settings, world);
  });

  it('are told as the shortest story if a rule is broken, which the seed tells again', async () => {
    const { checkStep } = books;
    const noParcel = (settings: WorldSettings, world: World) => {
      if (world.shipping.dispatched.size > 0) throw new Error('a parcel is on its way');
      checkStep(settings, world);
    };
    const rules = { checkStep: noParcel, checkEnd: noParcel };
    let failed: Awaited<ReturnType<typeof simulate>>;
    for (let next = 1; failed === undefined && next <= 200; next += 1) failed = await simulate(next, rules);
    const { seed, problem, story = [], happened = 0 } = failed ?? { seed: 0 };
    expect(problem).toBe('a parcel is on its way');
    expect(story).toContainEqual(expect.stringMatching(/^customer places order \d -> /));
    expect(story.filter((line) => line.startsWith('customer places'))).toHaveLength(1);
    expect(story.at(-1)).toMatch(/^shipping takes OrderCompleted of order \d -> ShipmentDispatched$/);
    expect(story.length).toBeLessThan(happened);
    expect(await simulate(seed, rules)).toEqual(failed);
  });
});
