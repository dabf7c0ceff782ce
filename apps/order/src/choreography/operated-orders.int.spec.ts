import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { choreography, inventoryEvents, paymentEvents, shippingEvents } from '@millrace/contracts';
import type { ProcessInstance } from '@millrace/service-chassis/saga';
import { until } from '@millrace/testing/service';
import { openOrder, type OrderFixture } from '../order.fixture.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder({ WATCH_EVERY_MS: '100', ALARM_HOLD_MS: '0', ALARM_SAGA_SECONDS: '1' });
});
afterAll(() => order.close());

const asked = async (query: string): Promise<readonly ProcessInstance[]> => {
  const answer = await fetch(`${order.service().opsUrl}/ops/timed-processes${query}`);
  return ((await answer.json()) as { readonly items: readonly ProcessInstance[] }).items;
};
const waitsFor = async (orderId: string) =>
  (await asked(`?id=${orderId}`)).flatMap((one) => one.waitsFor.map(({ message }) => message));
const alarms = async () => JSON.stringify((await order.call('GET', '/readyz')).body);
const sent = { saga: choreography };

describe('a choreographed order that hangs', () => {
  it('is listed with what it waits for, counted, and raises the alarm on sagas until it ends', async () => {
    const orderId = await order.placed({ style: 'choreographed' });
    const [{ sku = '' } = {}] = (await order.view(orderId)).lines as { sku: string }[];
    const lines = [{ sku, quantity: 2 }];
    await order.send(inventoryEvents, inventoryEvents.InventoryReserved({ orderId, lines }), sent);
    await until(
      () => waitsFor(orderId),
      (messages) => messages.includes('PaymentProcessed'),
    );

    expect(await asked('')).toMatchObject([
      { process: 'choreography', id: orderId, status: 'running', reason: null, waitsFor: [{ step: 'pay' }] },
    ]);
    expect(await asked('?process=other')).toEqual([]);
    expect(await asked('?id=no-order')).toEqual([]);
    await until(alarms, (active) => active.includes('saga_age') && active.includes('choreography'));
    const metrics = await (await fetch(`${order.service().url}/metrics`)).text();
    expect(metrics).toMatch(/millrace_sagas_live\{.*definition="choreography",status="running".*\} 1\n/);

    const reason = 'card_declined' as const;
    await order.send(paymentEvents, paymentEvents.PaymentFailed({ orderId, reason }), sent);
    await until(
      () => waitsFor(orderId),
      (messages) => messages.length === 3,
    );
    expect(await asked(`?id=${orderId}`)).toMatchObject([{ status: 'compensating', reason }]);
    const released = inventoryEvents.InventoryReleased({ orderId, lines });
    await order.send(inventoryEvents, released, sent);
    await order.send(paymentEvents, paymentEvents.PaymentRefunded({ orderId, amount: null }), sent);
    await order.send(shippingEvents, shippingEvents.ShipmentCancelled({ orderId }), sent);

    await order.endsAs(orderId, 'cancelled');
    expect(await asked('')).toEqual([]);
    expect(await asked(`?id=${orderId}`)).toMatchObject([{ status: 'compensated', waitsFor: [] }]);
    await until(alarms, (active) => !active.includes('saga_age'));
  });
});
