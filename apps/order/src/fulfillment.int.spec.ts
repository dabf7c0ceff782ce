import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  inventoryCommands,
  inventoryEvents,
  notificationCommands,
  orderCommands,
  paymentCommands,
  shippingCommands,
} from '@millrace/contracts';
import { until, type PublishedMessage } from '@millrace/testing/service';
import { fulfillment } from './fulfillment/fulfillment.saga.ts';
import { address, openOrder, type OrderFixture } from './order.fixture.ts';
import { participants } from './participants.fixture.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());

const { says, accepts, completes } = participants(() => order);
const inventory = inventoryCommands;
const payment = paymentCommands;
const shipping = shippingCommands;
const amount = { amount: 25_00, currency: 'EUR' };
const saga = async (orderId: string) => (await order.call('GET', `/sagas/${orderId}`)).body;
const sagaEndsAs = (orderId: string, status: string) =>
  until(
    () => saga(orderId),
    (body) => body.status === status,
  );
const mailOf = (orderId: string) => order.commanded(notificationCommands, 'SendOrderMail', orderId);
const typesOf = (messages: readonly PublishedMessage[]) => messages.map(({ message }) => message.type);
const commandsTo = async (topic: string, orderId: string) => typesOf(await order.published(topic, orderId));

describe('the fulfillment of an order', () => {
  it('S24 completes the order and requests the mail in the transaction of the last reply', async () => {
    const sku = await order.product(12_50);
    const lines = [{ sku, quantity: 2 }];
    const placing = { customerId: 'ada.l', lines, shippingAddress: address };
    const { orderId: id } = (
      await order.call('POST', '/orders', placing, { 'x-correlation-id': 'the-story' })
    ).body;
    const orderId = String(id);
    await completes(orderId);
    const completed = await order.endsAs(orderId, 'completed');
    expect(completed).toMatchObject({ version: 2, status: 'completed' });
    expect(completed).not.toHaveProperty('reason');
    await says.committed(orderId);
    await sagaEndsAs(orderId, 'completed');

    const commands = [
      await order.commanded(inventory, 'ReserveInventory', orderId),
      await order.commanded(payment, 'ProcessPayment', orderId),
      await order.commanded(shipping, 'ScheduleShipment', orderId),
      await order.commanded(inventory, 'CommitReservation', orderId),
    ];
    expect(commands.map(({ message }) => message)).toEqual([
      { type: 'ReserveInventory', orderId, lines },
      { type: 'ProcessPayment', orderId, customerId: 'ada.l', amount, paymentMethod: 'account' },
      { type: 'ScheduleShipment', orderId, customerId: 'ada.l', address },
      { type: 'CommitReservation', orderId, lines },
    ]);
    const mail = await mailOf(orderId);
    expect(mail.message).toEqual({
      type: 'SendOrderMail',
      orderId,
      customerId: 'ada.l',
      kind: 'order-completed',
      to: 'ada.l@customers.invalid',
      name: address.name,
      total: amount,
    });
    const story = await order.story(orderId, 2);
    const [created, done] = story;
    expect(typesOf(story)).toEqual(['OrderCreated', 'OrderCompleted']);
    for (const { headers } of [...commands, mail, ...story]) {
      expect(headers.get('ce_correlationid')).toEqual('the-story');
      expect(headers.get('ce_source')).toEqual('/millrace/order');
      expect(headers.get('ce_causationid')).toBeTruthy();
    }
    expect(await commandsTo('order-commands', orderId)).toEqual([]);
    expect(mail.headers.get('ce_causationid')).toBe(done?.headers.get('ce_causationid'));
    expect(commands.at(-1)?.headers.get('ce_causationid')).toBe(done?.headers.get('ce_id'));
    expect(commands[0]?.headers.get('ce_causationid')).toBe(created?.headers.get('ce_id'));

    const { rows } = await order.database.sql.query(
      `SELECT DISTINCT xmin::text FROM event WHERE stream = $1 AND type = 'OrderCompleted'
       UNION SELECT xmin::text FROM event WHERE stream = $3 AND data->>'step' = 'complete'
       UNION SELECT xmin::text FROM outbox
         WHERE key = $2 AND type IN ('OrderCompleted', 'SendOrderMail', 'CommitReservation')`,
      [`order-${orderId}`, orderId, `saga-fulfillment-${orderId}`],
    );
    expect(rows).toHaveLength(1);
  });

  it('shows the steps and timers of its saga, without personal data', async () => {
    const orderId = await order.placed({ paymentMethod: { card: 'tok_slow' } });
    await says.reserved(orderId);
    const { message } = await order.commanded(payment, 'ProcessPayment', orderId);
    expect(message.paymentMethod).toEqual({ card: 'tok_slow' });
    const shown = await saga(orderId);
    const moment = expect.stringMatching(/^\d{4}-.*Z$/);
    const pending = { status: 'pending', attempts: 0, sentAt: null, repliedAt: null };
    expect(shown).toEqual({
      sagaId: orderId,
      definition: 'fulfillment',
      version: fulfillment.version,
      status: 'running',
      steps: [
        { name: 'reserve', status: 'accepted', attempts: 1, sentAt: moment, repliedAt: moment },
        { name: 'pay', status: 'sent', attempts: 1, sentAt: moment, repliedAt: null },
        { name: 'ship', ...pending },
        { name: 'complete', ...pending },
        { name: 'commit', ...pending },
      ],
      timers: [expect.objectContaining({ step: 'pay', dueAt: moment })],
      waits: [],
      branches: {},
      compensations: [],
    });
    expect(JSON.stringify(shown)).not.toContain('tok_slow');
  });

  it('cancels the order if stock is out, compensates nothing, and gives the reason in the mail', async () => {
    const orderId = await order.placed({ email: 'ada@example.org' });
    await says.outOfStock(orderId);
    expect(await order.endsAs(orderId, 'cancelled')).toMatchObject({ reason: 'out_of_stock' });
    const { message } = await mailOf(orderId);
    expect(message).toMatchObject({ kind: 'order-cancelled', to: 'ada@example.org', reason: 'out_of_stock' });
    expect(await sagaEndsAs(orderId, 'compensated')).toMatchObject({
      reason: 'out_of_stock',
      compensations: [],
    });
    expect(await commandsTo('inventory-commands', orderId)).toEqual(['ReserveInventory']);
    expect(await commandsTo('payment-commands', orderId)).toEqual([]);
    const late = await order.call('POST', `/orders/${orderId}/cancel`);
    expect(late.status).toEqual(409);
    expect(late.body.code).toEqual('order_not_cancellable');
    expect(late.body.reason).toEqual('out_of_stock');
  });

  it('compensates its steps in reverse, one after the other, if the carrier refuses the address', async () => {
    const orderId = await order.placed();
    for (const say of [says.reserved, says.paid, says.refused]) await say(orderId);
    await order.commanded(payment, 'RefundPayment', orderId);
    expect(await commandsTo('inventory-commands', orderId)).toEqual(['ReserveInventory']);
    await says.refunded(orderId);
    await says.released(orderId);
    expect(await order.endsAs(orderId, 'cancelled')).toMatchObject({ reason: 'address_refused' });
    const { compensations } = await sagaEndsAs(orderId, 'compensated');
    expect(
      (compensations as { name: string; status: string }[]).map(({ name, status }) => [name, status]),
    ).toEqual([
      ['pay', 'compensated'],
      ['reserve', 'compensated'],
    ]);
    expect(await commandsTo('shipping-commands', orderId)).toEqual(['ScheduleShipment']);
    expect(typesOf(await order.story(orderId, 2))).toEqual(['OrderCreated', 'OrderCancelled']);
  });

  it('compensates its steps if the customer cancels in time, and a late payment changes nothing', async () => {
    const orderId = await order.placed();
    await says.reserved(orderId);
    await order.commanded(payment, 'ProcessPayment', orderId);
    expect((await order.call('POST', `/orders/${orderId}/cancel`)).status).toBe(202);
    await order.commanded(payment, 'RefundPayment', orderId);
    await says.paid(orderId);
    await says.refunded(orderId);
    await says.released(orderId);
    expect(await order.endsAs(orderId, 'cancelled')).toMatchObject({ reason: 'cancelled_by_customer' });
    await sagaEndsAs(orderId, 'compensated');
    expect(typesOf(await order.story(orderId, 3))).toEqual([
      'OrderCreated',
      'OrderCancellationRequested',
      'OrderCancelled',
    ]);
    expect((await mailOf(orderId)).message.reason).toBe('cancelled_by_customer');
    const again = await order.call('POST', `/orders/${orderId}/cancel`);
    expect(again.status).toEqual(202);
    expect(again.body).toEqual({ orderId, status: 'cancelled', version: 3 });
  });

  it('keeps the first cause as its reason if the customer cancels during the compensation, and that cancellation stays accepted', async () => {
    const orderId = await order.placed();
    for (const say of [says.reserved, says.paid, says.refused]) await say(orderId);
    await order.commanded(payment, 'RefundPayment', orderId);
    const first = await order.call('POST', `/orders/${orderId}/cancel`);
    expect(first.status).toEqual(202);
    expect(first.body.status).toEqual('cancelling');
    await says.refunded(orderId);
    await says.released(orderId);
    expect(await order.endsAs(orderId, 'cancelled')).toMatchObject({ reason: 'address_refused' });
    expect((await order.call('POST', `/orders/${orderId}/cancel`)).status).toBe(202);
  });

  it('O05 cannot be cancelled once the order is completed', async () => {
    const orderId = await order.placed();
    await completes(orderId);
    await order.endsAs(orderId, 'completed');
    const refused = await order.call('POST', `/orders/${orderId}/cancel`);
    expect(refused.status).toEqual(409);
    expect(refused.body.code).toEqual('order_not_cancellable');
    expect(refused.body.orderStatus).toEqual('completed');
    expect(await order.view(orderId)).toMatchObject({ status: 'completed', version: 2 });
  });

  it('resumes after a restart, and sends no command twice', async () => {
    const orderId = await order.placed();
    await says.reserved(orderId);
    await order.commanded(payment, 'ProcessPayment', orderId);
    await order.restart();
    for (const accept of accepts.slice(1)) await accept(orderId);
    await order.endsAs(orderId, 'completed');
    await says.committed(orderId);
    await sagaEndsAs(orderId, 'completed');
    expect(await commandsTo('payment-commands', orderId)).toEqual(['ProcessPayment']);
    expect(await commandsTo('inventory-commands', orderId)).toEqual([
      'ReserveInventory',
      'CommitReservation',
    ]);
  });

  it('counts each reply once, and ignores a reply to another command', async () => {
    const orderId = await order.placed();
    await order.commanded(inventory, 'ReserveInventory', orderId);
    const stray = inventoryEvents.InventoryReserveFailed({ orderId, reason: 'out_of_stock', missing: [] });
    await order.send(inventoryEvents, stray, {
      source: '/millrace/inventory',
      causationId: '0199f000-0000-7000-8000-000000000009',
    });
    await says.reserved(orderId);
    await says.reserved(orderId);
    await says.paid(orderId);
    await order.commanded(shipping, 'ScheduleShipment', orderId);
    expect(await order.view(orderId)).toMatchObject({ status: 'pending', version: 1 });
    expect(await commandsTo('payment-commands', orderId)).toEqual(['ProcessPayment']);
  });

  it('sends a command that can never succeed to the dead letters, and handles the commands after it', async () => {
    const orderId = await order.placed();
    await completes(orderId);
    await order.endsAs(orderId, 'completed');
    const nobodys = '0199f000-0000-4000-8000-000000000007';
    await order.send(orderCommands, orderCommands.CancelOrder({ orderId: nobodys, reason: 'step_timeout' }));
    await order.send(orderCommands, orderCommands.CancelOrder({ orderId, reason: 'step_timeout' }));
    await order.handled(orderCommands, nobodys);
    await order.handled(orderCommands, orderId);
    const letters = async (key: string) =>
      typesOf(
        await until(
          () => order.published('order-commands.dlq', key),
          (published) => published.length >= 2,
        ),
      );
    expect(await letters(nobodys)).toEqual(['CancelOrder', expect.stringMatching(/^Unknown-/)]);
    expect(await letters(orderId)).toEqual(['CancelOrder', expect.stringMatching(/^Unknown-/)]);
    expect(await order.view(orderId)).toMatchObject({ status: 'completed', version: 2 });
    expect(await order.story(nobodys, 0)).toEqual([]);
  });

  it('keeps addresses and card tokens out of the log', () => {
    expect(order.logs.join('\n')).not.toMatch(/Lovelace|Secret Mill|tok_|customers\.invalid|ada@example/);
  });
});
