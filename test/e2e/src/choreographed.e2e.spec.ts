import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ask,
  completedStory,
  holdTopic,
  loseMessage,
  openShop,
  query,
  StoryTeller,
  type LostMessage,
  type PlacedOrder,
  type Shop,
} from '@millrace/test-support/shop';
import { sharedStack, until } from '@millrace/test-support/stack';
import { Client } from 'pg';

const stack = sharedStack();
const teller = new StoryTeller(stack.bootstrapServers);
afterAll(() => teller.close());

const untouched = { onHand: 10, reserved: 0, shipped: 0 };
const style = 'choreographed';

/** What has arrived for an order at a service that waits for details and an event, in the order of arrival. */
const arrivedAt = {
  payment: (order: PlacedOrder) => order.privateEvents('payment', `awaited-payment-${order.orderId}`),
  shipping: (order: PlacedOrder) => order.privateEvents('shipping', `awaited-shipment-${order.orderId}`),
};

describe('a choreographed order', () => {
  it.each([
    [
      'before',
      { payment: 'inventory-events', shipping: 'payment-events' },
      { payment: 'PaymentDetailsReceived', shipping: 'ShippingDetailsReceived' },
    ],
    [
      'after',
      { payment: 'payment-commands', shipping: 'shipping-commands' },
      { payment: 'ReservationSeen', shipping: 'PaymentSeen' },
    ],
  ])(
    'W11 G26 is charged and shipped once, if its details arrive %s the event that needs them',
    async (_, topics, first) => {
      const shop = await openShop(stack, teller, { stock: { lamp: 10 }, accounts: { ada: 100_00 }, style });
      const goOn = {
        payment: await holdTopic(stack, 'payment', topics.payment),
        shipping: await holdTopic(stack, 'shipping', topics.shipping),
      };

      const order = await shop.place({ customer: 'ada', lines: { lamp: 1 } });
      try {
        for (const service of ['payment', 'shipping'] as const) {
          await until(`${first[service]} at ${service}`, 60_000, async () =>
            (await arrivedAt[service](order)).includes(first[service]),
          );
          await goOn[service]();
        }
        await order.endsAs('completed');
      } finally {
        await goOn.payment();
        await goOn.shipping();
      }

      expect((await arrivedAt.payment(order))[0]).toBe(first.payment);
      expect(await arrivedAt.payment(order)).toHaveLength(2);
      expect((await arrivedAt.shipping(order))[0]).toBe(first.shipping);
      expect(await arrivedAt.shipping(order)).toHaveLength(2);
      expect(await order.story()).toEqual(completedStory[style]);
      expect(await shop.books()).toEqual({ ada: 90_00, lamp: { onHand: 9, reserved: 0, shipped: 1 } });
    },
  );
});

const failed = (...before: readonly string[]) => [
  'OrderCreated',
  ...before,
  'OrderFailed',
  'InventoryReleased',
  'PaymentRefunded',
  'ShipmentCancelled',
  'OrderCancelled',
];

describe('the deadline of a choreographed order', () => {
  type Name = 'late' | 'lost' | 'lostTwice' | 'unheard' | 'erased';
  let shop: Shop;
  let orders: Readonly<Record<Name, PlacedOrder>>;
  let losses: readonly LostMessage[] = [];

  /** Each order has a customer of its own name. They all wait for their deadlines at the same time. */
  beforeAll(async () => {
    const names: readonly Name[] = ['late', 'lost', 'lostTwice', 'unheard', 'erased'];
    shop = await openShop(stack, teller, {
      stock: { lamp: 10 },
      accounts: Object.fromEntries(names.map((name) => [name, 100_00])),
      style,
    });
    const place = (customer: Name, postcode?: string) =>
      shop.place({ customer, lines: { lamp: 1 }, ...(postcode !== undefined && { postcode }) });
    const containing = (name: Name) => `"customerId":"${shop.customerId(name)}"`;
    losses = await Promise.all([
      loseMessage(stack, 'order', { type: 'PaymentDetails', containing: containing('erased') }),
      loseMessage(stack, 'order', { type: 'PaymentDetails', containing: containing('lost') }),
      loseMessage(stack, 'order', { type: 'ShippingDetails', containing: containing('lostTwice'), times: 2 }),
      loseMessage(stack, 'inventory', { type: 'InventoryReserved', containing: containing('unheard') }),
    ]);
    // No deadline passes before the erasure, since there are always events that order has not handled.
    const goOn = await holdTopic(stack, 'order', 'order-events');
    try {
      const erased = await place('erased');
      await eraseAtPayment(shop.customerId('erased'));
      const [late, lost, lostTwice, unheard] = await Promise.all([
        place('late', '99999'),
        place('lost'),
        place('lostTwice'),
        place('unheard'),
      ]);
      orders = { late, lost, lostTwice, unheard, erased };
    } finally {
      await goOn();
    }
  });
  afterAll(async () => {
    for (const loss of losses) await loss.end(); // two at once on one table may deadlock
  });

  const isUnharmed = async (order: PlacedOrder, name: Name) => {
    await order.endsAs('cancelled', 'step_timeout');
    expect(await shop.mails(order)).toEqual(['order-cancelled']);
    expect(await shop.books()).toMatchObject({ [name]: 100_00 });
  };

  it('O11 publishes details that were lost once more, and the order is completed', async () => {
    await orders.lost.endsAs('completed');

    expect(await orders.lost.story()).toEqual(completedStory[style]);
    expect(await detailsOf(orders.lost)).toEqual({ PaymentDetails: 1, ShippingDetails: 2 });
    expect(await shop.mails(orders.lost)).toEqual(['order-completed']);
    expect(await shop.books()).toMatchObject({ lost: 90_00 });
  });

  it('O12 ends an order whose details are lost twice', async () => {
    await isUnharmed(orders.lostTwice, 'lostTwice');

    expect(await orders.lostTwice.story()).toEqual(failed('InventoryReserved', 'PaymentProcessed'));
  });

  it('O12 ends an order of which an event is lost, since nobody repeats it', async () => {
    await isUnharmed(orders.unheard, 'unheard');

    expect(await detailsOf(orders.unheard)).toEqual({ PaymentDetails: 2, ShippingDetails: 2 });
    expect(await orders.unheard.privateEvents('inventory', `reservation-${orders.unheard.orderId}`)).toEqual([
      'InventoryReserved',
      'InventoryReleased',
    ]);
    expect(await orders.unheard.story()).toEqual(failed());
  });

  it('O12 W10 ends an order whose carrier answers only afterwards, and its late booking is cancelled', async () => {
    await isUnharmed(orders.late, 'late');

    const booking = `SELECT outcome, answers_at < cancelled_at AS cancelled_after_answer, delivered_at FROM simulated_carrier_booking WHERE key = $1`;
    expect(await query(stack, 'shipping', booking, [`${orders.late.orderId}:ship`])).toEqual([
      { outcome: 'booked', cancelled_after_answer: true, delivered_at: null },
    ]);
    expect(await detailsOf(orders.late)).toEqual({ PaymentDetails: 2, ShippingDetails: 2 });
    expect(await orders.late.story()).toEqual(failed('InventoryReserved', 'PaymentProcessed'));
  });

  it('O13 ends the order of an erased customer, whose details have no effect', async () => {
    await isUnharmed(orders.erased, 'erased');

    expect(await detailsOf(orders.erased)).toEqual({ PaymentDetails: 1, ShippingDetails: 2 });
    expect(await arrivedAt.payment(orders.erased)).toEqual(['ReservationSeen']);
    expect(await orders.erased.story()).toEqual(failed('InventoryReserved'));
  });

  it('leaves the stock of every order that it ends', async () => {
    expect(await shop.books()).toMatchObject({ lamp: { ...untouched, onHand: 9, shipped: 1 } });
  });
});

/** How often the order service has published the details of an order. */
async function detailsOf({ orderId }: PlacedOrder): Promise<Readonly<Record<string, number>>> {
  const text = `SELECT type, count(*) FROM outbox WHERE key = $1 AND type IN ('PaymentDetails', 'ShippingDetails') GROUP BY type`;
  const rows = await query(stack, 'order', text, [orderId]);
  return Object.fromEntries(rows.map(({ type, count }) => [String(type), Number(count)]));
}

/** Erases a customer at payment alone, without the wait for other processes. */
async function eraseAtPayment(customerId: string): Promise<void> {
  const url = `${stack.operators?.['payment']}/ops/erasures/${customerId}`;
  const step = () => ask<{ state: string }>('POST', url, { reason: 'INC-7' }, { 'millrace-actor': 'grace' });
  await step();
  const keys = new Client({ connectionString: stack.keysUrl });
  await keys.connect();
  await keys.query(`UPDATE subject SET closing_at = closing_at - interval '1 minute' WHERE subject = $1`, [
    customerId,
  ]);
  await keys.end();
  expect(await step()).toMatchObject({ state: 'erased' });
}
