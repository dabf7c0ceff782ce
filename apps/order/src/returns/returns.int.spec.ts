import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  inventoryCommands,
  inventoryEvents,
  paymentCommands,
  paymentEvents,
  shippingCommands,
  shippingEvents,
} from '@millrace/contracts';
import { until } from '@millrace/testing/service';
import { openOrder, type OrderFixture } from '../order.fixture.ts';
import { participants } from '../participants.fixture.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder({ RETURN_INSPECTION_MS: '1', RETURN_PARCEL_MS: '60000' });
});
afterAll(() => order.close());

const { completes, says } = participants(() => order);

/** A completed order of two units, and its lines. */
async function bought(price = 12_50) {
  const lines = [{ sku: await order.product(price), quantity: 2 }];
  const orderId = await order.placed({ lines });
  await completes(orderId);
  await order.endsAs(orderId, 'completed');
  await says.committed(orderId);
  return { orderId, lines, refund: { amount: 2 * price, currency: 'EUR' } };
}
type Bought = Awaited<ReturnType<typeof bought>>;

const ask = ({ orderId, lines }: Pick<Bought, 'orderId' | 'lines'>) =>
  order.call('POST', `/orders/${orderId}/return`, { lines });
const view = async ({ orderId }: Bought) => (await order.call('GET', `/orders/${orderId}/return`)).body;
const becomes = (asked: Bought, status: string) =>
  until(
    () => view(asked),
    (body) => body.status === status,
  );
const sagaEnds = ({ orderId }: Bought, status: string) =>
  until(
    async () =>
      (
        await order.database.sql.query<{ status: string; steps: string[] }>(
          `SELECT status, steps FROM saga_instance WHERE definition = 'return' AND saga_id = $1`,
          [orderId],
        )
      ).rows[0]?.status,
    (found) => found === status,
  );

const labelled = async ({ orderId }: Bought) =>
  order.answer(
    { topic: shippingCommands, type: 'MakeReturnLabel' },
    {
      topic: shippingEvents,
      message: shippingEvents.ReturnLabelMade({ orderId, trackingNumber: `RL-${orderId.slice(0, 8)}` }),
    },
  );
const parcelArrives = ({ orderId }: Bought) =>
  order.send(
    shippingEvents,
    shippingEvents.ReturnParcelReceived({ orderId, receivedAt: '2026-11-25T10:00:00.000Z' }),
    { source: '/millrace/shipping' },
  );
const received = ({ orderId, lines }: Bought) =>
  order.answer(
    { topic: inventoryCommands, type: 'ReceiveReturn' },
    { topic: inventoryEvents, message: inventoryEvents.ReturnReceived({ orderId, lines }) },
  );
const refunded = ({ orderId, refund }: Bought) =>
  order.answer(
    { topic: paymentCommands, type: 'RefundReturn' },
    { topic: paymentEvents, message: paymentEvents.ReturnRefunded({ orderId, amount: refund }) },
  );
const mails = async ({ orderId }: Bought) =>
  (await order.published('notification-commands', orderId)).map(
    ({ message }) => (message as unknown as { kind: string }).kind,
  );

describe('the return of a completed order', () => {
  it('S37 runs beside the fulfillment under the same id, and ends with units and money back', async () => {
    const asked = await bought();
    expect((await ask(asked)).status).toBe(202);
    await labelled(asked);
    await becomes(asked, 'announced');
    await parcelArrives(asked);
    await Promise.all([refunded(asked), received(asked)]);
    await becomes(asked, 'completed');
    const { lines, orderId } = asked;
    await order.answer(
      { topic: inventoryCommands, type: 'RestockReturn' },
      { topic: inventoryEvents, message: inventoryEvents.ReturnRestocked({ orderId, lines }) },
    );
    await sagaEnds(asked, 'completed');

    expect(await view(asked)).toMatchObject({
      refund: asked.refund,
      trackingNumber: `RL-${orderId.slice(0, 8)}`,
    });
    expect(await mails(asked)).toEqual(['order-completed', 'return-label', 'return-completed']);
  });

  it('is undone by a refusal: the units go back, the label is void, and the customer gets a mail', async () => {
    const asked = await bought();
    const { orderId, lines } = asked;
    await ask(asked);
    await labelled(asked);
    await becomes(asked, 'announced');
    await parcelArrives(asked);
    await received(asked);
    await order.answer(
      { topic: paymentCommands, type: 'RefundReturn' },
      {
        topic: paymentEvents,
        message: paymentEvents.ReturnRefundRefused({ orderId, reason: 'refund_refused' }),
      },
    );
    await order.answer(
      { topic: inventoryCommands, type: 'SendBackReturn' },
      { topic: inventoryEvents, message: inventoryEvents.ReturnSentBack({ orderId, lines }) },
    );
    await order.answer(
      { topic: shippingCommands, type: 'VoidReturnLabel' },
      { topic: shippingEvents, message: shippingEvents.ReturnLabelVoided({ orderId }) },
    );

    expect(await becomes(asked, 'closed')).toMatchObject({ reason: 'refund_refused' });
    await sagaEnds(asked, 'compensated');
    expect(await mails(asked)).toEqual(['order-completed', 'return-label', 'return-closed']);
  });

  it('waits for an approval above the limit, which an operator gives once', async () => {
    const asked = await bought(150_00);
    await ask(asked);
    const judge = (decision: string) =>
      order.call('POST', `/orders/${asked.orderId}/return/decision`, { decision });

    expect((await judge('deny')).status).toBe(202);
    expect((await judge('approve')).body).toMatchObject({ type: expect.stringContaining('return_decided') });
    expect(await becomes(asked, 'closed')).toMatchObject({ reason: 'denied' });
  });

  it('is refused for an order that is not completed, for other products, and a second time', async () => {
    const lines = [{ sku: await order.product(10_00), quantity: 1 }];
    const pending = { orderId: await order.placed({ lines }), lines };
    const codeOf = async (asked: Pick<Bought, 'orderId' | 'lines'>) => {
      const { status, body } = await ask(asked);
      return [status, body.code ?? body.type];
    };
    const asked = await bought();

    expect(await codeOf(pending)).toEqual([409, expect.stringContaining('order_not_completed')]);
    expect(await codeOf({ ...asked, lines: [{ sku: 'sofa', quantity: 1 }] })).toEqual([
      422,
      expect.stringContaining('not_in_order'),
    ]);
    await ask(asked);
    expect(await codeOf(asked)).toEqual([409, expect.stringContaining('return_exists')]);
  });
});
