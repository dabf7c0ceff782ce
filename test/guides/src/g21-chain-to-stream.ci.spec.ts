import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readTopic } from '@millrace/testing/kcat';
import {
  ask,
  mailsOf,
  openShop,
  query,
  request,
  StoryTeller,
  type OrderView,
  type Shop,
} from '@millrace/test-support/shop';
import { startStack, until, type TestStack } from '@millrace/test-support/stack';
import { analyticsBatch, writeOrderFiles } from './orders-in-parquet.ts';

const orders = 50;
const handledLimitMs = 90_000;

/** Starts its own stack, because it stops two services. */
describe('G21 from a chain of calls to a stream', () => {
  let stack: TestStack;
  let teller: StoryTeller;
  let shop: Shop;
  const accepted: string[] = [];

  beforeAll(async () => {
    stack = await startStack();
    teller = new StoryTeller(stack.bootstrapServers);
    shop = await openShop(stack, teller, { stock: { lamp: 100 }, accounts: { ada: 1_000_00 } });
    stack.pause('shipping'); // a paused process answers, reads and writes nothing
    stack.pause('notification');
  }, 150_000);
  afterAll(async () => {
    await teller?.close();
    await stack?.stop();
  });

  /** Counts among the orders that were placed while two services were stopped. */
  const countInOrderService = async (sql: string): Promise<number> => {
    const [row] = await query(stack, 'order', sql, [accepted]);
    return Number(row?.count);
  };

  it('accepts 50 orders over HTTP at once while shipping and notification are stopped', async () => {
    const body = shop.orderOf({ customer: 'ada', lines: { lamp: 1 } });
    const answers = await Promise.all(
      Array.from({ length: orders }, () =>
        request<{ orderId: string }>('POST', `${stack.urls.order}/orders`, body),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: orders }, () => 202));
    accepted.push(...answers.map((answer) => answer.body.orderId));
    expect(new Set(accepted).size).toBe(orders);
  });

  it('gets every order paid and its shipment requested without them; none is complete and none has a mail', async () => {
    const shipmentsAsked = `SELECT count(DISTINCT key) FROM outbox WHERE type = 'ScheduleShipment' AND key = ANY ($1)`;
    await until(
      '50 shipments to be asked for',
      handledLimitMs,
      async () => (await countInOrderService(shipmentsAsked)) === orders,
    );

    expect(
      await countInOrderService(
        `SELECT count(*) FROM order_summary WHERE status <> 'pending' AND order_id = ANY ($1)`,
      ),
    ).toBe(0);
    expect((await Promise.all(accepted.map((orderId) => mailsOf(stack.mailFolder, orderId)))).flat()).toEqual(
      [],
    );
  });

  it('keeps everything that a stopped service missed: after a restart, all 50 orders complete with exactly one mail each', async () => {
    // The supervisor starts new processes.
    await Promise.all([stack.kill('shipping'), stack.kill('notification')]);
    const placed = (await shop.orders()).filter(({ orderId }) => accepted.includes(orderId));
    await Promise.all(placed.map((order) => order.endsAs('completed')));

    expect(placed).toHaveLength(orders);
    expect(await Promise.all(placed.map((order) => shop.mails(order)))).toEqual(
      placed.map(() => ['order-completed']),
    );
    expect(await shop.books()).toMatchObject({
      ada: 1_000_00 - orders * 10_00,
      lamp: { onHand: 100 - orders, reserved: 0, shipped: orders },
    });
  });

  it('serves a batch job with the same events: counted from offset 0, they give the numbers of the live view', async () => {
    const byType = new Map<string, Set<string>>();
    for (const { key, headers } of await readTopic(stack.bootstrapServers, 'order-events')) {
      const type = headers.get('ce_type') ?? '';
      byType.set(type, (byType.get(type) ?? new Set()).add(key ?? ''));
    }
    const { items } = await ask<{ items: readonly OrderView[] }>(
      'GET',
      `${stack.urls.order}/orders?limit=100`,
    );

    expect(byType.get('OrderCreated')?.size).toBe(items.length);
    expect(byType.get('OrderCompleted')?.size).toBe(
      items.filter(({ status }) => status === 'completed').length,
    );
    expect(items.length).toEqual(orders);
    expect(byType.has('OrderCancelled')).toEqual(false);
  });

  it('gives a query of the events in Parquet files the numbers of analytics', async () => {
    const order = await shop.place({ customer: 'ada', lines: { lamp: 100 } });
    await order.endsAs('cancelled', 'out_of_stock');
    const { length: published } = await readTopic(stack.bootstrapServers, 'order-events');
    await using files = await writeOrderFiles(stack.bootstrapServers);
    await until('every event to be in a file', handledLimitMs, async () => {
      const [row] = await files
        .query(`SELECT count(*)::int AS rows FROM ${files.events}`)
        .catch(() => [{ rows: 0 }]); // no file yet
      return row?.rows === published;
    });

    const [found] = await files.query(`
      WITH placed AS (SELECT DISTINCT orderId, total FROM ${files.events} WHERE type = 'OrderCreated'),
           ended AS (SELECT DISTINCT orderId, type, reason FROM ${files.events} WHERE type IN ('OrderCompleted', 'OrderCancelled'))
      SELECT count(*)::int AS placed,
             (count(*) FILTER (type = 'OrderCompleted'))::int AS completed,
             (count(*) FILTER (reason = 'out_of_stock'))::int AS out_of_stock,
             (sum((total->>'amount')::int) FILTER (type = 'OrderCompleted'))::int AS revenue
      FROM placed LEFT JOIN ended USING (orderId)`);
    const { placed, completed, cancelled, revenue } = await analyticsBatch(stack.bootstrapServers);
    expect({ placed, completed, cancelled, revenue }).toEqual({
      placed: orders + 1,
      completed: orders,
      cancelled: { out_of_stock: 1 },
      revenue: { EUR: orders * 10_00 },
    });
    expect(found).toEqual({ placed, completed, out_of_stock: 1, revenue: orders * 10_00 });
  });
});
