import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { productEvents } from '@millrace/contracts';
import { until } from '@millrace/testing/service';
import { address, openOrder, type OrderFixture } from './order.fixture.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder({ HTTP_WAIT_MS_MAX: '500' });
});
afterAll(() => order.close());

const eur = (amount: number) => ({ amount, currency: 'EUR' });
const newCustomer = () => `customer-${randomUUID().slice(0, 8)}`;

describe('an order over HTTP', () => {
  it('H09 is accepted with its location, and can be read at once', async () => {
    const lamp = await order.product(12_50);
    const chair = await order.product(99_00);
    const customerId = newCustomer();
    const lines = [
      { sku: lamp, quantity: 2 },
      { sku: chair, quantity: 1 },
    ];
    const answer = await order.order({ customerId, lines });
    const { orderId } = answer.body;
    expect(answer.status).toEqual(202);
    expect(answer.headers.get('location')).toEqual(`/orders/${String(orderId)}`);
    expect(answer.body).toEqual({ orderId, status: 'pending', version: 1 });
    const view = await order.view(String(orderId));
    expect(view).toEqual({
      orderId,
      customerId,
      status: 'pending',
      lines: [
        { sku: lamp, quantity: 2, unitPrice: 12_50 },
        { sku: chair, quantity: 1, unitPrice: 99_00 },
      ],
      total: eur(124_00),
      version: 1,
      placedAt: view.placedAt,
      updatedAt: view.updatedAt,
    });
    for (const moment of [view.placedAt, view.updatedAt])
      expect(moment).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('takes its prices from product-events, and keeps the price at which it was placed', async () => {
    const sku = await order.product(10_00);
    const before = String((await order.order({ lines: [{ sku, quantity: 1 }] })).body.orderId);
    await order.send(productEvents, productEvents.ProductPriceChanged({ sku, price: eur(12_00) }), {
      source: '/millrace/inventory',
    });
    await until(
      async () => order.view(String((await order.order({ lines: [{ sku, quantity: 1 }] })).body.orderId)),
      ({ total }) => (total as { amount: number }).amount === 12_00,
    );
    expect((await order.view(before)).total).toEqual(eur(10_00));
  });

  it('H14 is refused if a product does not become known in time, and the answer names the line', async () => {
    const sku = await order.product(1);
    const lines = [
      { sku, quantity: 1 },
      { sku: 'no-such-thing', quantity: 1 },
    ];
    const { status, body } = await order.order({ lines });
    expect(status).toEqual(422);
    expect(body.code).toEqual('unknown_product');
    expect(body.skus).toEqual(['no-such-thing']);
    expect(body.errors).toEqual([expect.objectContaining({ field: 'lines[1].sku' })]);
  });

  it('I20 is placed under its idempotency key once its product is known, even if it was refused before', async () => {
    const sku = `sku-${randomUUID().slice(0, 8)}`;
    const body = {
      customerId: newCustomer(),
      shippingAddress: address,
      lines: [{ sku, quantity: 1 }],
    };
    const key = { 'idempotency-key': randomUUID() };
    const early = await order.call('POST', '/orders', body, key);
    expect(early.status).toEqual(422);
    expect(early.body.code).toEqual('unknown_product');
    expect(early.headers.get('retry-after')).toEqual('1');
    await order.send(productEvents, productEvents.ProductDefined({ sku, name: 'Lamp', price: eur(1) }), {
      source: '/millrace/inventory',
    });
    const placed = await until(
      () => order.call('POST', '/orders', body, key),
      ({ status }) => status !== 422,
    );
    expect(placed.status).toEqual(202);
    const again = await order.call('POST', '/orders', body, key);
    expect(again.body).toEqual(placed.body);
    expect(again.headers.get('idempotent-replayed')).toEqual('true');
  });

  it('is refused if it has several currencies or too large a total', async () => {
    const lamp = await order.product(1);
    const yen = await order.product(1, 'JPY');
    const palace = await order.product(Number.MAX_SAFE_INTEGER);
    const mixed = await order.order({ lines: [lamp, yen].map((sku) => ({ sku, quantity: 1 })) });
    expect(mixed.status).toEqual(422);
    expect(mixed.body.code).toEqual('several_currencies');
    const dear = await order.order({ lines: [{ sku: palace, quantity: 2 }] });
    expect(dear.status).toEqual(422);
    expect(dear.body.code).toEqual('total_too_large');
  });

  it('is cancelled once, and answers a repeated request in the same way', async () => {
    const orderId = await order.placed();
    const first = await order.call('POST', `/orders/${orderId}/cancel`);
    const again = await order.call('POST', `/orders/${orderId.toUpperCase()}/cancel`);
    expect(first.status).toEqual(202);
    expect(first.body).toEqual({ orderId, status: 'cancelling', version: 2 });
    expect(again.status).toEqual(202);
    expect(again.body).toEqual({ orderId, status: 'cancelling', version: 2 });
    expect(await order.view(orderId)).toMatchObject({ status: 'cancelling', version: 2 });
    const told = await order.story(orderId, 2);
    expect(told.map(({ message }) => message.type)).toEqual(['OrderCreated', 'OrderCancellationRequested']);
  });

  it('can be read as it was at a version and at a moment', async () => {
    const orderId = await order.placed();
    const before = new Date(Date.parse(String((await order.view(orderId)).placedAt)) - 1).toISOString();
    const between = new Date();
    await until(
      () => Promise.resolve(Date.now()),
      (now) => now > between.getTime(),
    );
    await order.call('POST', `/orders/${orderId}/cancel`);
    const asOf = async (query: string) => (await order.call('GET', `/orders/${orderId}?${query}`)).body;
    expect(await asOf('version=1')).toMatchObject({ status: 'pending', version: 1 });
    expect(await asOf(`at=${between.toISOString()}`)).toMatchObject({ status: 'pending', version: 1 });
    expect(await asOf('version=2')).toEqual(await order.view(orderId));
    expect(await asOf('version=3')).toMatchObject({ status: 404, code: 'unknown_version' });
    expect(await asOf(`at=${before}`)).toMatchObject({ status: 404, code: 'unknown_order' });
  });

  it('has a history with metadata, page by page', async () => {
    const orderId = await order.placed();
    await order.call('POST', `/orders/${orderId}/cancel`, undefined, {
      'x-correlation-id': 'second-thoughts',
    });
    const first = (await order.call('GET', `/orders/${orderId}/history?limit=1`)).body;
    const second = (
      await order.call('GET', `/orders/${orderId}/history?limit=1&cursor=${String(first.nextCursor)}`)
    ).body;
    expect(first.items).toEqual([
      {
        version: 1,
        type: 'OrderCreated',
        data: expect.objectContaining({ orderId, total: eur(25_00) }),
        eventId: expect.any(String),
        recordedAt: expect.stringMatching(/Z$/),
        correlationId: expect.any(String),
        causationId: expect.any(String),
      },
    ]);
    expect(second).toMatchObject({
      items: [{ version: 2, type: 'OrderCancellationRequested', correlationId: 'second-thoughts' }],
      nextCursor: null,
    });
  });
});

describe('the list of orders', () => {
  const placeFor = async (customerId: string, count: number) => {
    const sku = await order.product(1);
    const ids: unknown[] = [];
    for (let index = 0; index < count; index++)
      ids.push((await order.order({ customerId, lines: [{ sku, quantity: 1 }] })).body.orderId);
    return ids;
  };

  it('is newest first, and shows each order once while others are placed', async () => {
    const customerId = newCustomer();
    const placed = await placeFor(customerId, 5);
    const seen: unknown[] = [];
    let cursor: unknown;
    do {
      const { body } = await order.call(
        'GET',
        `/orders?customerId=${customerId}&limit=2${cursor === undefined ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...(body.items ?? []).map(({ orderId }) => orderId));
      cursor = body.nextCursor;
      await placeFor(customerId, 1);
    } while (cursor !== null);
    expect(seen).toEqual(placed.toReversed());
  });

  it('skips none of many orders that were placed at the same moment', async () => {
    const customerId = newCustomer();
    const placed = await placeFor(customerId, 4);
    await order.database.sql.query(
      `UPDATE order_summary SET placed_at = '2026-11-20T10:00:00Z' WHERE customer_id = $1`,
      [customerId],
    );
    const seen: unknown[] = [];
    for (let cursor: unknown = ''; cursor !== null;) {
      const { body } = await order.call(
        'GET',
        `/orders?customerId=${customerId}&limit=1${String(cursor) && `&cursor=${String(cursor)}`}`,
      );
      seen.push(...(body.items ?? []).map(({ orderId }) => orderId));
      cursor = body.nextCursor;
    }
    expect(seen.sort()).toEqual(placed.toSorted());
  });

  it('can be filtered by customer and by status', async () => {
    const customerId = newCustomer();
    const [first] = await placeFor(customerId, 2);
    await order.call('POST', `/orders/${String(first)}/cancel`);
    const of = async (query: string) =>
      ((await order.call('GET', `/orders?${query}`)).body.items ?? []).map(({ orderId }) => orderId);
    expect(await of(`customerId=${customerId}&status=cancelling`)).toEqual([first]);
    expect(await of(`customerId=${customerId}`)).toHaveLength(2);
    expect(await of('status=cancelling&limit=200')).toContain(first);
    expect(await of(`customerId=${newCustomer()}`)).toEqual([]);
  });
});

describe('personal data', () => {
  it('D09 is in the private part of one event and in the commands that need it, and nowhere else', async () => {
    const orderId = await order.placed({
      email: 'secret.ada@example.org',
      paymentMethod: { card: 'tok_secret' },
    });
    await order.call('POST', `/orders/${orderId}/cancel`);
    const story = await order.story(orderId, 2);
    const { rows } = await order.database.sql.query('SELECT * FROM order_summary WHERE order_id = $1', [
      orderId,
    ]);
    const { rows: open } = await order.database.sql.query('SELECT stream, type, data, metadata FROM event');
    const history = (await order.call('GET', `/orders/${orderId}/history`)).body;
    const places = [story, rows, open, history, await order.view(orderId), order.logs];
    for (const place of places)
      expect(JSON.stringify(place)).not.toMatch(/Lovelace|Secret Mill|Hiddenham|secret\.ada|tok_secret/);
    const { rows: kept } = await order.database.sql.query(
      'SELECT type FROM event WHERE stream = $1 AND personal IS NOT NULL',
      [`order-${orderId}`],
    );
    expect(kept).toEqual([{ type: 'OrderCreated' }]);
  });
});

describe('the running service', () => {
  it('documents its interface', async () => {
    expect(await order.documentedCalls()).toEqual([
      'get /order-overviews',
      'get /order-overviews/{orderId}',
      'get /orders',
      'get /orders/{orderId}',
      'get /orders/{orderId}/events',
      'get /orders/{orderId}/history',
      'get /orders/{orderId}/return',
      'get /sagas/{orderId}',
      'post /orders',
      'post /orders/{orderId}/cancel',
      'post /orders/{orderId}/return',
      'post /orders/{orderId}/return/decision',
      'post /orders/{orderId}/return/withdraw',
    ]);
  });

  it('logs with the order id and the correlation id', async () => {
    const sku = await order.product(1);
    const body = { customerId: 'ada', lines: [{ sku, quantity: 1 }], shippingAddress: address };
    const { orderId } = (await order.call('POST', '/orders', body, { 'x-correlation-id': 'my-story' })).body;
    await order.call('POST', `/orders/${String(orderId)}/cancel`, undefined, {
      'x-correlation-id': 'my-story',
    });
    await order.logged(String(orderId), { correlationId: 'my-story', msg: 'order placed' });
    await order.logged(String(orderId), {
      correlationId: 'my-story',
      route: '/orders/:orderId/cancel',
      status: 202,
    });
  });
});
