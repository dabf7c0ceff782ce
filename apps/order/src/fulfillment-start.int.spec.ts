import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inventoryCommands } from '@millrace/contracts';
import { until, type ServiceProcess } from '@millrace/testing/service';
import { address, openOrder, type OrderFixture } from './order.fixture.ts';
import { participants } from './participants.fixture.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());

const { says } = participants(() => order);
const saga = async (orderId: string) => (await order.call('GET', `/sagas/${orderId}`)).body;
const rows = async (query: string, ...values: readonly unknown[]) =>
  (await order.database.sql.query(query, values)).rows;
const partitionOf = async (orderId: string) =>
  (await rows('SELECT partition FROM saga_timer WHERE saga_id = $1', orderId))[0]?.partition;

const endsCompensated = (orderId: string) =>
  until(
    () => saga(orderId),
    ({ status }) => status === 'compensated',
  );

describe('the fulfillment of an order that was just placed', () => {
  it('starts in the transaction of the order, and gets its partition from OrderCreated', async () => {
    const orderId = await order.placed();
    const transactions = await rows(
      `SELECT DISTINCT xmin::text FROM event WHERE stream IN ($1, $2) AND version = 1
       UNION SELECT xmin::text FROM outbox WHERE key = $3 AND type IN ('OrderCreated', 'ReserveInventory')`,
      `order-${orderId}`,
      `saga-fulfillment-${orderId}`,
      orderId,
    );
    expect(transactions).toHaveLength(1);

    const { headers } = await order.commanded(inventoryCommands, 'ReserveInventory', orderId);
    const [created] = await order.story(orderId, 1);
    expect(headers.get('ce_causationid')).toBe(created?.headers.get('ce_id'));
    await until(
      () => partitionOf(orderId),
      (partition) => partition !== null,
    );
    expect(await saga(orderId)).toMatchObject({ version: 2, status: 'running' });
  });

  it('does not start if the order is rejected', async () => {
    const before = await rows('SELECT count(*) FROM saga_instance');
    const { status } = await order.order({ lines: [{ sku: 'nothing', quantity: 1 }] });

    expect(status).toBe(422);
    expect(await rows('SELECT count(*) FROM saga_instance')).toEqual(before);
  });
});

describe('orders that processes with different start versions place', () => {
  let learning: { readonly url: string; readonly process: ServiceProcess };
  beforeAll(async () => {
    const process = order.spawn({ SAGA_START_VERSIONS: 'fulfillment=1' });
    learning = { process, url: (await process.ready).url };
  }, 120_000); // a service starts beside whatever else CI runs

  it('have one fulfillment each, whichever process reads OrderCreated', async () => {
    const sku = await order.product(12_50);
    const body = { customerId: 'ada', shippingAddress: address, lines: [{ sku, quantity: 2 }] };
    const answer = await fetch(`${learning.url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { orderId: one } = (await answer.json()) as { orderId: string };
    const two = await order.placed();
    for (const orderId of [one, two]) {
      await says.outOfStock(orderId);
      await order.endsAs(orderId, 'cancelled');
      await endsCompensated(orderId);
      const commands = (await order.published('inventory-commands', orderId)).map(
        ({ message }) => message.type,
      );
      expect(commands).toEqual(['ReserveInventory']);
    }

    expect(await saga(two)).toMatchObject({ version: 2 });
  });
});
