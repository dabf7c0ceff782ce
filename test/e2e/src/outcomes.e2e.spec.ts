import { afterAll, describe, expect, it } from '@jest/globals';
import {
  cancelledStory,
  completedStory,
  holdTopic,
  loseMessage,
  openShop,
  orderStyles,
  query,
  StoryTeller,
  TestTrace,
  type OrderStyle,
  type PlacedOrder,
} from '@millrace/test-support/shop';
import { sharedStack, until } from '@millrace/test-support/stack';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

const untouched = { onHand: 10, reserved: 0, shipped: 0 };

const charges = async (orderId: string) => {
  const [rows, refunds] = await Promise.all([
    query(stack, 'payment', 'SELECT key, outcome, times_asked FROM provider_charge WHERE key LIKE $1', [
      `${orderId}%`,
    ]),
    query(stack, 'payment', 'SELECT charge_key FROM provider_refund WHERE charge_key LIKE $1', [
      `${orderId}%`,
    ]),
  ]);
  return { charges: rows, refunds: refunds.length };
};
const chargedOnce = (orderId: string) => [{ key: `${orderId}:pay`, outcome: 'approved', times_asked: 1 }];

/**
 * Every time the order service sent a command, read from its outbox. A re-send has the id of the
 * first.
 */
const sendings = (orderId: string, type: string) =>
  query(stack, 'order', 'SELECT id FROM outbox WHERE key = $1 AND type = $2 ORDER BY position', [
    orderId,
    type,
  ]);

describe.each(orderStyles)('an order whose card is charged although the answer is lost (%s)', (style) => {
  it('O03 W10 is completed and charged once: the provider is queried before the charge is repeated', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 1_00 }, style });

    const order = await shop.place({ customer: 'ada', lines: { lamp: 1 }, card: 'tok_late' });
    await order.endsAs('completed');

    expect(await charges(order.orderId)).toEqual({ charges: chargedOnce(order.orderId), refunds: 0 });
    expect(await shop.books()).toEqual({ ada: 1_00, lamp: { onHand: 9, reserved: 0, shipped: 1 } });
    expect(await order.story()).toEqual(completedStory[style]);
    expect(await shop.mails(order)).toEqual(['order-completed']);
  });

  it('O03 W10 is refunded exactly once when the carrier refuses its address', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 1_00 }, style });

    const order = await shop.place({
      customer: 'ada',
      lines: { lamp: 1 },
      card: 'tok_late',
      postcode: '00000',
    });
    await order.endsAs('cancelled', 'address_refused');

    expect(await charges(order.orderId)).toEqual({ charges: chargedOnce(order.orderId), refunds: 1 });
    expect(await shop.books()).toEqual({ ada: 1_00, lamp: untouched });
    expect(await order.story()).toEqual(
      cancelledStory(style, {
        before: ['InventoryReserved', 'PaymentProcessed', 'ShipmentFailed'],
        undone: ['PaymentRefunded', 'InventoryReleased'],
      }),
    );
    expect(await shop.mails(order)).toEqual(['order-cancelled']);
  });
});

describe('an orchestrated order whose carrier answers only after the step has timed out', () => {
  it('O01 R17 is re-sent to the carrier, then compensated in reverse order, the late booking first', async () => {
    const shop = await openShop(stack, teller, {
      stock: { lamp: 10 },
      accounts: { ada: 100_00 },
      style: 'orchestrated',
    });

    const trace = new TestTrace(stack);
    const order = await shop.place({ customer: 'ada', lines: { lamp: 1 }, postcode: '99999' }, trace.headers);
    await order.endsAs('cancelled', 'step_timeout');

    const asked = await sendings(order.orderId, 'ScheduleShipment');
    expect(asked.length).toEqual(3);
    expect(new Set(asked.map(({ id }) => id)).size).toEqual(1);
    expect((await order.saga())?.steps).toContainEqual(
      expect.objectContaining({ name: 'ship', status: 'timed_out', attempts: 3 }),
    );
    const booking = `SELECT outcome, answers_at < cancelled_at AS cancelled_after_answer, delivered_at FROM simulated_carrier_booking WHERE key = $1`;
    expect(await query(stack, 'shipping', booking, [`${order.orderId}:ship`])).toEqual([
      { outcome: 'booked', cancelled_after_answer: true, delivered_at: null },
    ]);
    expect(await shop.books()).toEqual({ ada: 100_00, lamp: untouched });
    expect(await order.story()).toEqual([
      'OrderCreated',
      'InventoryReserved',
      'PaymentProcessed',
      'ShipmentCancelled',
      'PaymentRefunded',
      'InventoryReleased',
      'OrderCancelled',
    ]);
    expect(await shop.mails(order)).toEqual(['order-cancelled']);
    const thirdSending = { span: 'saga fulfillment timer ship', times: 3 };
    const undone = (await trace.pathTo('process shipping-commands', thirdSending)).filter((name) =>
      /^(saga|timer) /.test(name),
    );
    expect(undone.slice(0, 9)).toEqual([
      'saga fulfillment OrderCreated',
      'saga fulfillment InventoryReserved',
      'saga fulfillment PaymentProcessed',
      ...[1, 2, 3].flatMap(() => ['timer fulfillment ship', 'saga fulfillment timer ship']),
    ]);
    expect(await trace.pathTo('saga fulfillment OrderCancelled')).not.toEqual([]);
  });
});

describe('an orchestrated order with lost replies', () => {
  it('M21 completes, because each participant repeats its reply to a re-sent command and moves stock and money once', async () => {
    const shop = await openShop(stack, teller, {
      stock: { lamp: 10 },
      accounts: { ada: 100_00 },
      prices: { lamp: 17_31 },
      style: 'orchestrated',
    });
    const lost = await Promise.all([
      loseMessage(stack, 'inventory', { type: 'InventoryReserved', containing: shop.sku('lamp') }),
      loseMessage(stack, 'payment', { type: 'PaymentProcessed', containing: '"amount":1731,' }),
    ]);

    const order = await shop.place({ customer: 'ada', lines: { lamp: 1 } });
    try {
      await order.endsAs('completed');
      const ids = await Promise.all(lost.map((message) => message.id()));
      expect(ids).toEqual([expect.any(String), expect.any(String)]);
      expect((await order.publicEvents()).map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    } finally {
      await Promise.all(lost.map((message) => message.end()));
    }

    expect((await order.saga())?.steps.slice(0, 2)).toEqual([
      expect.objectContaining({ name: 'reserve', status: 'accepted', attempts: 2 }),
      expect.objectContaining({ name: 'pay', status: 'accepted', attempts: 2 }),
    ]);
    expect(await order.story()).toEqual(completedStory.orchestrated);
    expect(await shop.books()).toEqual({
      ada: 100_00 - 17_31,
      lamp: { onHand: 9, reserved: 0, shipped: 1 },
    });
    expect(await shop.mails(order)).toEqual(['order-completed']);
  });
});

interface Unanswered {
  /** The topic from which inventory learns of an order. */
  readonly topic: string;
  isGivenUp(order: PlacedOrder): Promise<boolean>;
  /** How the order ends if inventory learns of it too late. */
  readonly story: readonly string[];
  readonly reserve: { readonly status: string; readonly attempts: number };
}

const unanswered: Readonly<Record<OrderStyle, Unanswered>> = {
  orchestrated: {
    topic: 'inventory-commands',
    isGivenUp: async (order) => Boolean((await order.saga())?.compensations.length),
    story: ['InventoryReserved', 'InventoryReleased'],
    reserve: { status: 'accepted', attempts: 3 },
  },
  choreographed: {
    topic: 'order-events',
    isGivenUp: async (order) => (await order.story()).includes('PaymentRefunded'),
    story: ['OrderFailed', 'InventoryReleased', 'InventoryReserved', 'PaymentRefunded', 'ShipmentCancelled'],
    reserve: { status: 'timed_out', attempts: 1 },
  },
};

describe('orders of every style with a participant that does not answer in time', () => {
  it('O02 W10 are cancelled, and what the participant does later is undone', async () => {
    const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 } });
    const goOn = await Promise.all(
      orderStyles.map((style) => holdTopic(stack, 'inventory', unanswered[style].topic)),
    );
    const placed = await Promise.all(
      orderStyles.map(async (style) => ({
        ...unanswered[style],
        style,
        order: await shop.place({ customer: 'ada', lines: { lamp: 1 }, style }),
      })),
    );
    try {
      for (const { style, order, isGivenUp } of placed)
        await until(`the ${style} order to be given up`, 60_000, () => isGivenUp(order));
    } finally {
      for (const release of goOn) await release();
    }
    for (const { order, story, reserve } of placed) {
      await order.endsAs('cancelled', 'step_timeout');

      expect(await order.story()).toEqual(['OrderCreated', ...story, 'OrderCancelled']);
      expect((await order.saga())?.steps[0]).toMatchObject({ name: 'reserve', ...reserve });
      expect(await shop.mails(order)).toEqual(['order-cancelled']);
    }
    expect(await shop.books()).toEqual({ ada: 100_00, lamp: untouched });
  });
});
