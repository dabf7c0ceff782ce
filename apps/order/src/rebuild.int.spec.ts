import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRebuilds, postgresEventStore } from '@millrace/event-sourcing';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { within } from '@millrace/testing/within';
import { orderEventTypes } from './domain/events.ts';
import { openOrder, type OrderFixture } from './order.fixture.ts';
import { orderSummaryProjection } from './projections/order-summary.ts';

let order: OrderFixture;
beforeAll(async () => void (order = await openOrder()));
afterAll(() => order.close());

describe('the list of orders', () => {
  it('E29 is rebuilt by the running service, and is then as it was', async () => {
    const { sql } = order.database;
    const list = async () => (await sql.query('SELECT * FROM order_summary ORDER BY order_id')).rows;
    const sku = await order.product(12_50);
    for (const quantity of [1, 2, 3]) await order.order({ lines: [{ sku, quantity }] });
    const { body } = await order.order({ lines: [{ sku, quantity: 4 }] });
    await order.call('POST', `/orders/${String(body.orderId)}/cancel`);
    const before = await list();
    await sql.query('DELETE FROM order_summary WHERE order_id = $1', [body.orderId]);
    await sql.query(`UPDATE order_summary SET status = 'completed'`);

    const operator = createRebuilds({
      database: sql,
      projections: [orderSummaryProjection],
      catalog: postgresEventStore({ events: [orderEventTypes] }).settings.catalog,
      clock: systemClock,
      logger: silentLogger,
    });
    await operator.begin('order_summary');
    await within(20_000)(async () => (await operator.progress()).length === 0);

    expect(before).toHaveLength(4);
    expect(await list()).toEqual(before);
    expect((await order.view(String(body.orderId))).status).toBe('cancelling');
  });
});
