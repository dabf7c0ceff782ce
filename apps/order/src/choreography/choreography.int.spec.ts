import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  choreography,
  inventoryCommands,
  inventoryEvents,
  paymentEvents,
  shippingEvents,
  type OrderLine,
} from '@millrace/contracts';
import type { Message, Topic } from '@millrace/streaming-core/contract';
import { until } from '@millrace/testing/service';
import { address, openOrder, type OrderFixture } from '../order.fixture.ts';

const total = { amount: 25_00, currency: 'EUR' };

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder({ ORDER_STYLE: 'choreographed' });
});
afterAll(() => order.close());

const tell = (topic: Pick<Topic, 'declaration'>, message: Message) =>
  order.send(topic, message, { source: '/millrace/participant', saga: choreography });
const linesOf = async (orderId: string) =>
  ((await order.view(orderId)).lines as readonly OrderLine[]).map(({ sku, quantity }) => ({ sku, quantity }));
const typesOf = async (topic: string, orderId: string) =>
  (await order.published(topic, orderId)).map(({ message }) => message.type);
const process = async (orderId: string) => (await order.call('GET', `/sagas/${orderId}`)).body;
const openWaits = async (orderId: string) =>
  ((await process(orderId)).waits as ReadonlyArray<{ readonly name: string }>).map(({ name }) => name);

const deadlines = async (orderId: string) =>
  (await order.database.sql.query('SELECT partition FROM saga_timer WHERE saga_id = $1', [orderId])).rows;

const says = {
  reserved: async (orderId: string) =>
    tell(
      inventoryEvents,
      inventoryEvents.InventoryReserved({ orderId, customerId: 'ada', lines: await linesOf(orderId) }),
    ),
  paid: (orderId: string) => tell(paymentEvents, paymentEvents.PaymentProcessed({ orderId, amount: total })),
  scheduled: (orderId: string) => tell(shippingEvents, shippingEvents.ShipmentScheduled({ orderId })),
  committed: async (orderId: string) =>
    tell(inventoryEvents, inventoryEvents.ReservationCommitted({ orderId, lines: await linesOf(orderId) })),
  undone: async (orderId: string) => {
    await tell(shippingEvents, shippingEvents.ShipmentCancelled({ orderId }));
    await tell(paymentEvents, paymentEvents.PaymentRefunded({ orderId, amount: null }));
    await tell(inventoryEvents, inventoryEvents.InventoryReleased({ orderId, lines: [] }));
  },
};

describe('a choreographed order', () => {
  it('gives payment and shipping their details when it is placed, and no saga sends a command', async () => {
    const orderId = await order.placed();
    await until(
      () => order.call('GET', `/sagas/${orderId}`),
      ({ status }) => status === 200,
    );

    const [details] = await order.published('payment-commands', orderId);
    expect(details?.message).toEqual({
      type: 'PaymentDetails',
      orderId,
      customerId: 'ada',
      amount: total,
      paymentMethod: 'account',
    });
    const [addressed] = await order.published('shipping-commands', orderId);
    expect(addressed?.message).toEqual({ type: 'ShippingDetails', orderId, customerId: 'ada', address });
    expect(await order.published('inventory-commands', orderId)).toEqual([]);
    const [created] = await order.published('order-events', orderId);
    expect(created?.message).toMatchObject({ type: 'OrderCreated', style: 'choreographed' });
  });

  it('shows what it waits for, and is completed by the shipment', async () => {
    const orderId = await order.placed();
    await until(
      () => order.call('GET', `/sagas/${orderId}`),
      ({ status }) => status === 200,
    );
    expect(await openWaits(orderId)).toEqual(['InventoryReserved']);
    await says.reserved(orderId);
    await until(
      () => openWaits(orderId),
      (waits) => waits.includes('PaymentProcessed'),
    );
    await says.paid(orderId);
    await says.scheduled(orderId);
    await order.endsAs(orderId, 'completed');

    const completed = (await order.published('order-events', orderId)).at(-1);
    expect(completed?.message).toMatchObject({ type: 'OrderCompleted', lines: await linesOf(orderId) });
    expect(completed?.headers.get('ce_saga')).toBe(choreography);
    expect(await process(orderId)).toMatchObject({ definition: choreography, status: 'running' });
    await says.committed(orderId);
    await until(
      () => process(orderId),
      ({ status }) => status === 'completed',
    );
  });

  it('is completed at the time of the order service, and then waits for nothing, even for a step that it never heard of', async () => {
    const orderId = await order.placed();
    await says.reserved(orderId);
    const longAgo = '2020-01-01T00:00:00.000Z';
    await order.send(shippingEvents, shippingEvents.ShipmentScheduled({ orderId }), {
      saga: choreography,
      time: longAgo,
    });
    await order.endsAs(orderId, 'completed');
    const [placedAt, completedAt] = (await order.published('order-events', orderId)).map(
      ({ message: { placedAt, completedAt } }) => String(placedAt ?? completedAt),
    );
    expect(completedAt! >= placedAt!).toBe(true);

    await says.committed(orderId);
    const ended = await until(
      () => process(orderId),
      ({ status }) => status === 'completed',
    );
    expect(ended).toMatchObject({ waits: [], steps: [{}, { name: 'pay', status: 'accepted' }, {}, {}, {}] });
  });

  it('is cancelled by its customer once every service has undone its part', async () => {
    const orderId = await order.placed();
    expect((await order.call('POST', `/orders/${orderId}/cancel`)).status).toBe(202);
    await until(
      () => typesOf('order-events', orderId),
      (types) => types.includes('OrderFailed'),
    );
    expect(await process(orderId)).toMatchObject({
      status: 'compensating',
      reason: 'cancelled_by_customer',
      waits: [{ name: 'ShipmentCancelled' }, { name: 'PaymentRefunded' }, { name: 'InventoryReleased' }],
    });
    await says.undone(orderId);
    expect(await order.endsAs(orderId, 'cancelled')).toMatchObject({ reason: 'cancelled_by_customer' });
  });

  it('stands beside an orchestrated one, which a request may choose', async () => {
    const orderId = await order.placed({ style: 'orchestrated' });
    await order.commanded(inventoryCommands, 'ReserveInventory', orderId);
    expect(await process(orderId)).toMatchObject({ definition: 'fulfillment' });
    expect(await order.published('payment-commands', orderId)).toEqual([]);
  });

  it('publishes its details once more at the deadline, and fails at the next one', async () => {
    await order.restart({ ORDER_DEADLINE_MS: '500' });
    const orderId = await order.placed();
    const failed = await until(
      () => typesOf('order-events', orderId),
      (types) => types.includes('OrderFailed'),
    );
    expect(failed).toEqual(['OrderCreated', 'OrderFailed']);
    expect(await typesOf('payment-commands', orderId)).toEqual(['PaymentDetails', 'PaymentDetails']);
    expect(await typesOf('shipping-commands', orderId)).toEqual(['ShippingDetails', 'ShippingDetails']);

    await says.undone(orderId);
    expect(await order.endsAs(orderId, 'cancelled')).toMatchObject({ reason: 'step_timeout' });
    expect(await deadlines(orderId)).toEqual([]);
  });

  it('gets the partition of its deadline from its own topic, even if another event comes first', async () => {
    await order.restart({ ROLES: 'api,worker' }); // publishes nothing
    const orderId = await order.placed();
    await says.reserved(orderId);
    await until(
      () => deadlines(orderId),
      (found) => found.length === 1,
    );
    expect(await deadlines(orderId)).toEqual([{ partition: null }]);

    await order.restart();
    await until(
      () => deadlines(orderId),
      ([found]) => typeof found?.partition === 'number',
    );
  });
});
