import { afterAll, describe, expect, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import {
  cancelIfInTime,
  completedStory,
  holdTopic,
  openShop,
  problemsAfter,
  request,
  StoryTeller,
  type CancellationAnswer,
  type PlacedOrder,
} from '@millrace/test-support/shop';
import { sharedStack, until, type ServiceName } from '@millrace/test-support/stack';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

const cancel = async ({ orderId }: PlacedOrder) =>
  (await request('POST', `${stack.urls.order}/orders/${orderId}/cancel`)).status;

const completes = (order: PlacedOrder) =>
  until(`order ${order.orderId} to be completed`, 60_000, async () => {
    const { status } = await order.view();
    if (status === 'cancelled') throw new Error('an order that nobody cancelled is cancelled');
    return status === 'completed';
  }).catch(order.explain);

const publishes = (order: PlacedOrder, type: string) =>
  until(`order ${order.orderId} to publish ${type}`, 60_000, async () =>
    (await order.story()).includes(type),
  );

/**
 * The moment at which an order is held until its customer has cancelled it. `held` names the
 * services and the topics that they stop reading; `asked` is the step that has been requested by
 * then. If `rejected` is given, the saga reaches its pivot before it learns of the cancellation:
 * the first topic is held until the order has published this rejection.
 */
interface Moment {
  readonly when: string;
  readonly held: ReadonlyArray<readonly [ServiceName, string]>;
  readonly rejected?: string;
  readonly asked: string;
  /**
   * The events published between the order's creation and its end. ShipmentScheduled is left out,
   * since the carrier may or may not answer before the cancellation.
   */
  readonly story: readonly string[];
}

const moments: readonly Moment[] = [
  {
    when: 'before its stock is reserved',
    held: [['inventory', 'inventory-commands']],
    asked: 'reserve',
    story: ['OrderCancellationRequested', 'InventoryReserved', 'InventoryReleased'],
  },
  {
    when: 'while it is paid',
    held: [['payment', 'payment-commands']],
    asked: 'pay',
    story: [
      'InventoryReserved',
      'OrderCancellationRequested',
      'PaymentProcessed',
      'PaymentRefunded',
      'InventoryReleased',
    ],
  },
  {
    when: 'while it is shipped',
    held: [['shipping', 'shipping-commands']],
    asked: 'ship',
    story: [
      'InventoryReserved',
      'PaymentProcessed',
      'OrderCancellationRequested',
      'ShipmentCancelled',
      'PaymentRefunded',
      'InventoryReleased',
    ],
  },
  {
    when: 'right before its saga completes it',
    held: [
      ['order', 'order-events'],
      ['shipping', 'shipping-commands'],
    ],
    asked: 'ship',
    rejected: 'OrderCompletionRejected',
    story: [
      'InventoryReserved',
      'PaymentProcessed',
      'OrderCancellationRequested',
      'OrderCompletionRejected',
      'ShipmentCancelled',
      'PaymentRefunded',
      'InventoryReleased',
    ],
  },
];

describe('an order that its customer cancels', () => {
  it.each(moments)(
    'O04 $when gets 202 every time, ends as cancelled and returns all stock and money',
    async ({ held, asked, rejected, story }) => {
      const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
      const goOn: (() => Promise<void>)[] = [];
      for (const each of held) goOn.push(await holdTopic(stack, ...each));
      const order = await shop.place({ customer: 'ada', lines: { lamp: 2 } });
      const answers: number[] = [];
      try {
        await order.sent(asked);
        answers.push(await cancel(order), await cancel(order));
        if (rejected !== undefined) {
          await goOn.pop()?.();
          await publishes(order, rejected);
        }
      } finally {
        for (const release of goOn) await release();
      }
      await order.endsAs('cancelled', 'cancelled_by_customer');
      answers.push(await cancel(order));

      expect(answers).toEqual([202, 202, 202]);
      expect(await shop.books()).toEqual({ ada: 100_00, lamp: { onHand: 10, reserved: 0, shipped: 0 } });
      const told = (await order.story()).filter((type) => type !== 'ShipmentScheduled');
      expect(told).toEqual(['OrderCreated', ...story, 'OrderCancelled']);
      expect(await shop.mails(order)).toEqual(['order-cancelled']);
    },
  );

  it('O05 once it is completed gets 409, and stays completed', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
    const order = await shop.place({ customer: 'ada', lines: { lamp: 2 } });
    await completes(order);
    const answers = [await cancel(order)];
    await order.endsAs('completed');
    answers.push(await cancel(order));

    expect(answers).toEqual([409, 409]);
    expect(await shop.books()).toEqual({ ada: 80_00, lamp: { onHand: 8, reserved: 0, shipped: 2 } });
    expect(await order.story()).toEqual(completedStory);
    expect(await shop.mails(order)).toEqual(['order-completed']);
  });
});

const ordersPlaced = 48;

describe(`cancellations that race with their orders (seed ${seed})`, () => {
  it('O06 are decided by the order alone: each customer who got 202 is refunded, each who got 409 gets the goods, and the books balance', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 1_000 }, accounts: { ada: 10_000_00 } });
    const startedAt = performance.now();
    const first = await shop.place({ customer: 'ada', lines: { lamp: 1 } });
    await first.endsAs('completed');
    const usualMs = performance.now() - startedAt;
    const random = seededRandom(seed);

    const outcomes = await Promise.all(
      Array.from({ length: ordersPlaced }, async (_, index) => {
        const order = await shop.place({
          customer: 'ada',
          lines: { lamp: 1 },
          ...(random() < 0.3 && { card: 'tok_approve' }),
        });
        const patienceMs = random() * usualMs * 4; // many orders at once take longer than one
        if (index % 8 === 1) await completes(order);
        else if (index % 8 !== 0) await new Promise((resolve) => setTimeout(resolve, patienceMs));
        const answer = await cancelIfInTime(order);
        const { status, reason } = await order.ended();
        return {
          order,
          answer,
          ended: reason === undefined ? status : `${status} (${reason})`,
          mails: await shop.mails(order),
        };
      }),
    );

    const told = (wanted: CancellationAnswer) => outcomes.filter(({ answer }) => answer === wanted);
    for (const { ended, mails } of told('accepted')) {
      expect(ended).toEqual('cancelled (cancelled_by_customer)');
      expect(mails).toEqual(['order-cancelled']);
    }
    for (const { ended, mails } of told('refused')) {
      expect(ended).toEqual('completed');
      expect(mails).toEqual(['order-completed']);
    }
    expect(Math.min(told('accepted').length, told('refused').length)).toBeGreaterThan(0);
    const cancellations = new Map(outcomes.map(({ order, answer }) => [order.orderId, answer]));
    expect(await problemsAfter(shop, [first, ...outcomes.map(({ order }) => order)], cancellations)).toEqual(
      [],
    );
  });
});
