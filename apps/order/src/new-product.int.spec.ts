import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { productEvents } from '@millrace/contracts';
import { until } from '@millrace/testing/service';
import { address, openOrder, type OrderFixture } from './order.fixture.ts';

/**
 * Longer than any message takes on a busy machine, so an order that waits in vain fails its test.
 */
const waitMsMax = 20_000;

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder({ HTTP_WAIT_MS_MAX: String(waitMsMax) });
});
afterAll(() => order.close());

const newSku = () => `sku-${randomUUID().slice(0, 8)}`;
const announce = (sku: string) =>
  order.send(
    productEvents,
    productEvents.ProductDefined({ sku, name: 'Lamp', price: { amount: 12_50, currency: 'EUR' } }),
    { source: '/millrace/inventory' },
  );

/**
 * Announces products once an order waits for them. An order waits once a query for prices has
 * started after this call.
 */
async function announceLate(...skus: string[]): Promise<void> {
  const { sql } = order.database;
  const { rows } = await sql.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  const looks = () =>
    sql.query(
      `SELECT 1 FROM pg_stat_activity
       WHERE datname = current_database() AND query LIKE 'SELECT sku AS id%' AND query_start > $1`,
      [rows[0]?.now],
    );
  await until(looks, ({ rowCount }) => rowCount > 0);
  for (const sku of skus) await announce(sku);
}

const orderOf = (...skus: string[]) => ({
  customerId: 'ada',
  shippingAddress: address,
  lines: skus.map((sku) => ({ sku, quantity: 1 })),
});

describe('an order for a new product', () => {
  it('H14 waits for the prices of its products', async () => {
    const lamp = newSku();
    const chair = newSku();
    const placing = order.order(orderOf(lamp, chair));
    await announceLate(lamp, chair);

    const { status, body } = await placing;
    expect(status).toBe(202);
    expect((await order.view(String(body.orderId))).total).toEqual({ amount: 25_00, currency: 'EUR' });
  });

  it('H14 also waits in a process that does not consume the product events itself', async () => {
    const api = order.spawn({ ROLES: 'api', HTTP_WAIT_MS_MAX: String(waitMsMax) });
    const { url } = await api.ready;
    const lamp = newSku();
    const placing = fetch(`${url}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(orderOf(lamp)),
    });
    await announceLate(lamp);

    expect((await placing).status).toBe(202);
    api.kill('SIGTERM');
    await api.ended;
  });

  it('H14 holds no database connection while it waits under an idempotency key', async () => {
    const lamp = newSku();
    const moreThanConnections = 30;
    const placing = Array.from({ length: moreThanConnections }, () =>
      order.call('POST', '/orders', orderOf(lamp), { 'idempotency-key': `"${randomUUID()}"` }),
    );
    expect((await order.call('GET', '/orders')).status).toBe(200);
    await announceLate(lamp);

    const answers = await Promise.all(placing);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  });
});
