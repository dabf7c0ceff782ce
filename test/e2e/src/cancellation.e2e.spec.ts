import { afterAll, describe, expect, it } from '@jest/globals';
import { seed, seededRandom } from '@millrace/testing/random';
import {
  cancelIfInTime,
  completedStory,
  holdTopic,
  openShop,
  orderStyles,
  problemsAfter,
  request,
  StoryTeller,
  type CancellationAnswer,
  type LetGo,
  type OrderStyle,
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

/** A topic that a service stops reading before the order is placed. */
interface Hold {
  readonly service: ServiceName;
  readonly topic: string;
  /** The event that the order must have published before the service reads on. */
  readonly until?: string;
}

/** How an order of one style is held, and what it publishes between its creation and its end. */
interface Held {
  /** They end one after the other, once the customer has cancelled. */
  readonly holds: readonly Hold[];
  /**
   * ShipmentScheduled is left out, since the carrier may or may not answer before the cancellation.
   */
  readonly story: readonly string[];
}

/** The moment at which the customer cancels an order. `asked` is the step that has been requested by then. */
interface Moment extends Readonly<Record<OrderStyle, Held>> {
  readonly when: string;
  readonly asked: string;
}

/** In a choreographed order nobody commands, so each service may hear of the failure before or after its turn. */
const moments: readonly Moment[] = [
  {
    when: 'before its stock is reserved',
    asked: 'reserve',
    orchestrated: {
      holds: [{ service: 'inventory', topic: 'inventory-commands' }],
      story: ['OrderCancellationRequested', 'InventoryReserved', 'InventoryReleased'],
    },
    choreographed: {
      holds: [{ service: 'inventory', topic: 'order-events', until: 'PaymentRefunded' }],
      story: [
        'OrderCancellationRequested',
        'OrderFailed',
        'InventoryReleased',
        'InventoryReserved',
        'PaymentRefunded',
        'ShipmentCancelled',
      ],
    },
  },
  {
    when: 'while it is paid',
    asked: 'pay',
    orchestrated: {
      holds: [{ service: 'payment', topic: 'payment-commands' }],
      story: [
        'InventoryReserved',
        'OrderCancellationRequested',
        'PaymentProcessed',
        'PaymentRefunded',
        'InventoryReleased',
      ],
    },
    choreographed: {
      holds: [
        { service: 'payment', topic: 'payment-commands', until: 'OrderFailed' },
        { service: 'payment', topic: 'order-events', until: 'PaymentProcessed' },
      ],
      story: [
        'InventoryReserved',
        'OrderCancellationRequested',
        'OrderFailed',
        'InventoryReleased',
        'PaymentProcessed',
        'PaymentRefunded',
        'ShipmentCancelled',
      ],
    },
  },
  {
    when: 'while it is shipped',
    asked: 'ship',
    orchestrated: {
      holds: [{ service: 'shipping', topic: 'shipping-commands' }],
      story: [
        'InventoryReserved',
        'PaymentProcessed',
        'OrderCancellationRequested',
        'ShipmentCancelled',
        'PaymentRefunded',
        'InventoryReleased',
      ],
    },
    choreographed: {
      holds: [{ service: 'shipping', topic: 'shipping-commands', until: 'ShipmentCancelled' }],
      story: [
        'InventoryReserved',
        'PaymentProcessed',
        'OrderCancellationRequested',
        'OrderFailed',
        'InventoryReleased',
        'PaymentRefunded',
        'ShipmentCancelled',
      ],
    },
  },
  {
    when: 'right before it is completed',
    asked: 'ship',
    orchestrated: {
      holds: [
        { service: 'shipping', topic: 'shipping-commands' },
        { service: 'order', topic: 'order-events', until: 'OrderCompletionRejected' },
      ],
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
    choreographed: {
      holds: [
        { service: 'shipping', topic: 'shipping-commands' },
        { service: 'order', topic: 'order-events', until: 'OrderCompletionRejected' },
      ],
      story: [
        'InventoryReserved',
        'PaymentProcessed',
        'OrderCancellationRequested',
        'OrderFailed',
        'InventoryReleased',
        'OrderCompletionRejected',
        'PaymentRefunded',
        'ShipmentCancelled',
      ],
    },
  },
];

describe.each(orderStyles)('an order that its customer cancels (%s)', (style) => {
  it.each(moments)(
    'O04 W10 $when gets 202 every time, ends as cancelled and returns all stock and money',
    async ({ asked, ...moment }) => {
      const { holds, story } = moment[style];
      const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 }, style });
      const held: (Hold & { readonly goOn: LetGo })[] = [];
      for (const each of holds)
        held.push({ ...each, goOn: await holdTopic(stack, each.service, each.topic) });
      const order = await shop.place({ customer: 'ada', lines: { lamp: 2 } });
      const statuses: number[] = [];
      try {
        await order.sent(asked);
        statuses.push(await cancel(order), await cancel(order));
        for (const { until: event, goOn } of held) {
          if (event !== undefined) await publishes(order, event);
          await goOn();
        }
      } finally {
        for (const { goOn } of held) await goOn();
      }
      await order.endsAs('cancelled', 'cancelled_by_customer');
      statuses.push(await cancel(order));

      expect(statuses).toEqual([202, 202, 202]);
      expect(await shop.books()).toEqual({ ada: 100_00, lamp: { onHand: 10, reserved: 0, shipped: 0 } });
      const told = (await order.story()).filter((type) => type !== 'ShipmentScheduled');
      expect(told).toEqual(['OrderCreated', ...story, 'OrderCancelled']);
      expect(await shop.mails(order)).toEqual(['order-cancelled']);
    },
  );

  it('O05 W10 once it is completed gets 409, and stays completed', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 }, style });
    const order = await shop.place({ customer: 'ada', lines: { lamp: 2 } });
    await completes(order);
    const statuses = [await cancel(order)];
    await order.endsAs('completed');
    statuses.push(await cancel(order));

    expect(statuses).toEqual([409, 409]);
    expect(await shop.books()).toEqual({ ada: 80_00, lamp: { onHand: 8, reserved: 0, shipped: 2 } });
    expect(await order.story()).toEqual(completedStory[style]);
    expect(await shop.mails(order)).toEqual(['order-completed']);
  });
});

const ordersPlaced = 48;

describe(`cancellations that race with their orders (seed ${seed})`, () => {
  it('O06 W10 are decided by the order alone: each customer who got 202 is refunded, each who got 409 gets the goods, and the books balance', async () => {
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
          style: random() < 0.5 ? 'orchestrated' : 'choreographed',
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
