import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { productEvents } from '@millrace/contracts';
import { until } from '@millrace/testing/service';
import { address, openOrder, type OrderFixture } from './order-fixture.features.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());

const eur = (amount: number) => ({ amount, currency: 'EUR' });
const newCustomer = () => `customer-${randomUUID().slice(0, 8)}`;

describe('an order over HTTP', () => {
  it('is accepted with its address, and is there at once', async () => {
    const [lamp, chair] = [await order.product(12_50), await order.product(99_00)];
    const customerId = newCustomer();
    const lines = [
      { sku: lamp, quantity: 2 },
      { sku: chair, quantity: 1 },
    ];
    const answer = await order.order({ customerId, lines });
    const { orderId } = answer.body;
    expect([answer.status, answer.headers.get('location'), answer.body]).toEqual([
      202,
      `/orders/${String(orderId)}`,
      { orderId, status: 'pending', version: 1 },
    ]);
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
    for (const moment of [view.placedAt, view.updatedAt]) expect(moment).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('takes prices from product-events, and the price of the moment stays with the order', async () => {
    const sku = await order.product(10_00);
    const before = String((await order.order({ lines: [{ sku, quantity: 1 }] })).body.orderId);
    await order.send(productEvents, productEvents.ProductPriceChanged({ sku, price: eur(12_00) }), { source: '/millrace/inventory' });
    await until(
      async () => order.view(String((await order.order({ lines: [{ sku, quantity: 1 }] })).body.orderId)),
      ({ total }) => (total as { amount: number }).amount === 12_00,
    );
    expect((await order.view(before)).total).toEqual(eur(10_00));
  });

  it('of a product that is not known is refused, and names the line', async () => {
    const sku = await order.product(1);
    const lines = [
      { sku, quantity: 1 },
      { sku: 'no-such-thing', quantity: 1 },
    ];
    const { status, body } = await order.order({ lines });
    expect([status, body.code, body.skus, body.errors]).toEqual([
      422,
      'unknown_product',
      ['no-such-thing'],
      [expect.objectContaining({ field: 'lines[1].sku' })],
    ]);
  });

  it('has one currency, and a total that can be counted', async () => {
    const [lamp, yen, palace] = [await order.product(1), await order.product(1, 'JPY'), await order.product(Number.MAX_SAFE_INTEGER)];
    const mixed = await order.order({ lines: [lamp, yen].map((sku) => ({ sku, quantity: 1 })) });
    expect([mixed.status, mixed.body.code]).toEqual([422, 'several_currencies']);
    const dear = await order.order({ lines: [{ sku: palace, quantity: 2 }] });
    expect([dear.status, dear.body.code]).toEqual([422, 'total_too_large']);
  });

  it('is cancelled once, and asked again says the same', async () => {
    const orderId = await order.placed();
    const first = await order.call('POST', `/orders/${orderId}/cancel`);
    const again = await order.call('POST', `/orders/${orderId.toUpperCase()}/cancel`);
    expect([first.status, first.body]).toEqual([202, { orderId, status: 'cancelling', version: 2 }]);
    expect([again.status, again.body]).toEqual([202, { orderId, status: 'cancelling', version: 2 }]);
    expect(await order.view(orderId)).toMatchObject({ status: 'cancelling', version: 2 });
    const told = await until(
      () => order.story(orderId),
      (messages) => messages.length === 2,
    );
    expect(told.map(({ message }) => message.type)).toEqual(['OrderCreated', 'OrderCancellationRequested']);
  });

  it('can be seen as it was at a version and at a moment', async () => {
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
    await order.call('POST', `/orders/${orderId}/cancel`, undefined, { 'x-correlation-id': 'second-thoughts' });
    const first = (await order.call('GET', `/orders/${orderId}/history?limit=1`)).body;
    const second = (await order.call('GET', `/orders/${orderId}/history?limit=1&cursor=${String(first.nextCursor)}`)).body;
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
    for (let index = 0; index < count; index++) ids.push((await order.order({ customerId, lines: [{ sku, quantity: 1 }] })).body.orderId);
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

  it('of many that were placed at one moment skips none', async () => {
    const customerId = newCustomer();
    const placed = await placeFor(customerId, 4);
    await order.database.sql.query(`UPDATE order_summary SET placed_at = '2026-11-20T10:00:00Z' WHERE customer_id = $1`, [customerId]);
    const seen: unknown[] = [];
    for (let cursor: unknown = ''; cursor !== null;) {
      const { body } = await order.call('GET', `/orders?customerId=${customerId}&limit=1${String(cursor) && `&cursor=${String(cursor)}`}`);
      seen.push(...(body.items ?? []).map(({ orderId }) => orderId));
      cursor = body.nextCursor;
    }
    expect(seen.sort()).toEqual(placed.toSorted());
  });

  it('narrows by customer and by status', async () => {
    const customerId = newCustomer();
    const [first] = await placeFor(customerId, 2);
    await order.call('POST', `/orders/${String(first)}/cancel`);
    const of = async (query: string) => ((await order.call('GET', `/orders?${query}`)).body.items ?? []).map(({ orderId }) => orderId);
    expect(await of(`customerId=${customerId}&status=cancelling`)).toEqual([first]);
    expect(await of(`customerId=${customerId}`)).toHaveLength(2);
    expect(await of('status=cancelling&limit=200')).toContain(first);
    expect(await of(`customerId=${newCustomer()}`)).toEqual([]);
  });
});

describe('a wrong request', () => {
  const good = { customerId: 'ada', lines: [{ sku: 'lamp', quantity: 1 }], shippingAddress: address };
  const known = '0199f000-0000-4000-8000-000000000001';
  const cursorOf = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');

  it.each<[string, string, unknown]>([
    ['no body', 'customerId', undefined],
    ['a list', 'body', []],
    ['an unknown field', 'coupon', { ...good, coupon: 'x' }],
    ['no customer', 'customerId', { ...good, customerId: undefined }],
    ['a customer with a space', 'customerId', { ...good, customerId: 'a b' }],
    ['a customer who makes no mail address', 'customerId', { ...good, customerId: 'a..b' }],
    ['a customer with NUL', 'customerId', { ...good, customerId: 'a\0' }],
    ['no lines', 'lines', { ...good, lines: [] }],
    ['lines that are text', 'lines', { ...good, lines: 'lamp' }],
    ['a line that is null', 'lines[0]', { ...good, lines: [null] }],
    ['the same SKU twice', 'lines', { ...good, lines: [good.lines[0], good.lines[0]] }],
    ['101 lines', 'lines', { ...good, lines: Array.from({ length: 101 }, (_, index) => ({ sku: `sku-${index}`, quantity: 1 })) }],
    ['a negative quantity', 'lines[0].quantity', { ...good, lines: [{ sku: 'lamp', quantity: -1 }] }],
    ['half a lamp', 'lines[0].quantity', { ...good, lines: [{ sku: 'lamp', quantity: 0.5 }] }],
    ['a quantity beyond counting', 'lines[0].quantity', { ...good, lines: [{ sku: 'lamp', quantity: 1e300 }] }],
    ['a price of its own', 'lines[0].unitPrice', { ...good, lines: [{ sku: 'lamp', quantity: 1, unitPrice: 1 }] }],
    ['no country', 'shippingAddress.country', { ...good, shippingAddress: { ...address, country: undefined } }],
    ['a name with half a character', 'shippingAddress.name', { ...good, shippingAddress: { ...address, name: '\ud800' } }],
    ['an e-mail that is none', 'email', { ...good, email: 'ada' }],
    ['two e-mails', 'email', { ...good, email: 'ada@example.org,eve@example.org' }],
    ['a card number', 'paymentMethod.card', { ...good, paymentMethod: { card: '4111111111111111' } }],
    ['an unknown payment method', 'paymentMethod', { ...good, paymentMethod: 'cash' }],
  ])('with %s is a 400 that names %s', async (_what, field, body) => {
    const answer = await order.call('POST', '/orders', body);
    const fields = (answer.body.errors as { field: string }[]).map((error) => error.field);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_request']);
    expect(fields).toContain(field);
  });

  it.each([
    ['GET', '/orders/42', 'orderId'],
    ['POST', '/orders/42/cancel', 'orderId'],
    ['GET', '/sagas/42', 'orderId'],
    ['GET', `/orders/${known}?version=0`, 'version'],
    ['GET', `/orders/${known}?version=1&at=2026-01-01T00:00:00Z`, 'at'],
    ['GET', `/orders/${known}?at=yesterday`, 'at'],
    ['GET', `/orders/${known}?wait=1&version=1`, 'wait'],
    ['GET', `/orders/${known}?wait=0`, 'wait'],
    ['GET', '/orders?limit=201', 'limit'],
    ['GET', '/orders?status=lost', 'status'],
    ['GET', '/orders?page=2', 'page'],
    ['GET', '/orders?cursor=nonsense', 'cursor'],
    ['GET', `/orders?cursor=${cursorOf(['2026-01-01T00:00:00Z', 'x'])}`, 'cursor'],
    ['GET', `/orders/${known}/history?limit=0`, 'limit'],
  ])('%s %s is a 400 that names %s', async (method, path, field) => {
    const answer = await order.call(method, path);
    expect([answer.status, answer.body.errors]).toEqual([400, [expect.objectContaining({ field })]]);
  });

  it('with a cursor of the year 0, which PostgreSQL does not write so, is a page without orders', async () => {
    const { status, body } = await order.call('GET', `/orders?cursor=${cursorOf(['0000-01-01T00:00:00Z', known])}`);
    expect([status, body]).toEqual([200, { items: [], nextCursor: null }]);
  });

  it.each([
    ['GET', `/orders/${known}`, 404, 'unknown_order', undefined],
    ['GET', `/orders/${known}?version=1`, 404, 'unknown_order', undefined],
    ['GET', `/orders/${known}?at=0000-01-01T00:00:00Z`, 404, 'unknown_order', undefined],
    ['GET', `/orders/${known}/history`, 404, 'unknown_order', undefined],
    ['POST', `/orders/${known}/cancel`, 404, 'unknown_order', undefined],
    ['GET', `/sagas/${known}`, 404, 'unknown_saga', undefined],
    ['GET', '/order', 404, 'not_found', undefined],
    ['PATCH', `/orders/${known}`, 405, 'method_not_allowed', undefined],
    ['POST', '/orders', 400, 'malformed_json', '{"customerId":'],
    ['POST', '/orders', 413, 'body_too_large', `{"customerId":"${'x'.repeat(70_000)}"}`],
  ])('%s %s is %i %s', async (method, path, status, code, body) => {
    const answer = await order.call(method, path, body);
    expect([answer.status, answer.body.code, answer.headers.get('content-type')]).toEqual([
      status,
      code,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
  });
});

describe('what is personal', () => {
  it('is in the private part of one event and in the commands that need it, and nowhere else', async () => {
    const orderId = await order.placed({ email: 'secret.ada@example.org', paymentMethod: { card: 'tok_secret' } });
    await order.call('POST', `/orders/${orderId}/cancel`);
    await until(
      () => order.story(orderId),
      (messages) => messages.length === 2,
    );
    const { rows } = await order.database.sql.query('SELECT * FROM order_summary WHERE order_id = $1', [orderId]);
    const { rows: open } = await order.database.sql.query('SELECT stream, type, data, metadata FROM event');
    const history = (await order.call('GET', `/orders/${orderId}/history`)).body;
    const places = [await order.story(orderId), rows, open, history, await order.view(orderId), order.logs];
    for (const place of places) expect(JSON.stringify(place)).not.toMatch(/Lovelace|Secret Mill|Hiddenham|secret\.ada|tok_secret/);
    const { rows: kept } = await order.database.sql.query('SELECT type FROM event WHERE stream = $1 AND personal IS NOT NULL', [
      `order-${orderId}`,
    ]);
    expect(kept).toEqual([{ type: 'OrderCreated' }]);
  });
});

describe('the running service', () => {
  it('documents its interface', async () => {
    expect(await order.documentedCalls()).toEqual([
      'get /orders',
      'get /orders/{orderId}',
      'get /orders/{orderId}/events',
      'get /orders/{orderId}/history',
      'get /sagas/{orderId}',
      'post /orders',
      'post /orders/{orderId}/cancel',
    ]);
  });

  it('logs with the order and its story', async () => {
    const sku = await order.product(1);
    const body = { customerId: 'ada', lines: [{ sku, quantity: 1 }], shippingAddress: address };
    const { orderId } = (await order.call('POST', '/orders', body, { 'x-correlation-id': 'my-story' })).body;
    await order.call('POST', `/orders/${String(orderId)}/cancel`, undefined, { 'x-correlation-id': 'my-story' });
    const lines = order.logsOf(String(orderId));
    expect(lines).toContainEqual(expect.objectContaining({ correlationId: 'my-story', msg: 'order placed' }));
    expect(lines).toContainEqual(expect.objectContaining({ correlationId: 'my-story', route: '/orders/:orderId/cancel', status: 202 }));
  });
});
