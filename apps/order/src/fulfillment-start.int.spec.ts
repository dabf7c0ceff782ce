import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inventoryCommands } from '@millrace/contracts';
import { until } from '@millrace/testing/service';
import { fulfillment } from './fulfillment/fulfillment.saga.ts';
import { openOrder, type OrderFixture } from './order.fixture.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());

const saga = async (orderId: string) => (await order.call('GET', `/sagas/${orderId}`)).body;
const rows = async (query: string, ...values: readonly unknown[]) =>
  (await order.database.sql.query(query, values)).rows;
const partitionOf = async (orderId: string) =>
  (await rows('SELECT partition FROM saga_timer WHERE saga_id = $1', orderId))[0]?.partition;

describe('the fulfillment of an order that was just placed', () => {
  it('S21 starts in the transaction of the order, and gets its partition from OrderCreated', async () => {
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
    expect(await saga(orderId)).toMatchObject({ version: fulfillment.version, status: 'running' });
  });

  it('does not start if the order is rejected', async () => {
    const before = await rows('SELECT count(*) FROM saga_instance');
    const { status } = await order.order({ lines: [{ sku: 'nothing', quantity: 1 }] });

    expect(status).toBe(422);
    expect(await rows('SELECT count(*) FROM saga_instance')).toEqual(before);
  });
});
