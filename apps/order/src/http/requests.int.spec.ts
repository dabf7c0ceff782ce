import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  answerTo,
  documentedPosts,
  repeated,
  wrongAddresses,
  wrongBodies,
  wrongIntegers,
  wrongNames,
  wrongWords,
  type GoodRequest,
  type KeyedPost,
  type WrongInput,
} from '@millrace/testing/service';
import { address, openOrder, type OrderFixture } from '../order.fixture.ts';
import { participants } from '../participants.fixture.ts';

let order: OrderFixture;
let lamp: string;
beforeAll(async () => {
  order = await openOrder({ HTTP_WAIT_MS_MAX: '500' });
  lamp = await order.product(12_50);
});
afterAll(() => order.close());

const known = '0199f000-0000-4000-8000-000000000001';
const line = { sku: 'lamp', quantity: 1 };
const place: GoodRequest = {
  method: 'POST',
  path: '/orders',
  body: {
    customerId: 'ada',
    lines: [line],
    shippingAddress: address,
    email: 'ada@example.org',
    paymentMethod: { card: 'tok_approve' },
  },
};
const invalid = (field: string) => ({ status: 400, code: 'invalid_request', field });
const cursorOf = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');

const placing = (what: string, field: string, changes: object): WrongInput => ({
  what,
  method: 'POST',
  path: '/orders',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ ...place.body, ...changes }),
  ...invalid(field),
});

const lines = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ sku: `sku-${index}`, quantity: 1 }));

const orders: readonly WrongInput[] = [
  placing('no customer', 'customerId', { customerId: undefined }),
  placing('a customer id that cannot be part of a mail address', 'customerId', { customerId: 'a..b' }),
  placing('no lines', 'lines', { lines: undefined }),
  placing('an empty list of lines', 'lines', { lines: [] }),
  placing('lines that are text', 'lines', { lines: 'lamp' }),
  placing('lines that are an object', 'lines', { lines: { 0: line, length: 1 } }),
  placing('a line that is null', 'lines[0]', { lines: [null] }),
  placing('a line that is a list', 'lines[0]', { lines: [[]] }),
  placing('101 lines', 'lines', { lines: lines(101) }),
  placing('the same SKU twice', 'lines', { lines: [line, { ...line, quantity: 2 }] }),
  placing('the hundredth line without a quantity', 'lines[99].quantity', {
    lines: [...lines(99), { sku: 'x' }],
  }),
  placing('a line with a price', 'lines[0].unitPrice', { lines: [{ ...line, unitPrice: 1 }] }),
  placing('no address', 'shippingAddress', { shippingAddress: undefined }),
  placing('no country', 'shippingAddress.country', { shippingAddress: { ...address, country: undefined } }),
  placing('a country in lower case', 'shippingAddress.country', {
    shippingAddress: { ...address, country: 'de' },
  }),
  placing('a postcode of 17 characters', 'shippingAddress.postcode', {
    shippingAddress: { ...address, postcode: '1'.repeat(17) },
  }),
  placing('an address with an unknown field', 'shippingAddress.planet', {
    shippingAddress: { ...address, planet: 'Mars' },
  }),
  placing('a malformed e-mail address', 'email', { email: 'ada' }),
  placing('two e-mail addresses', 'email', { email: 'ada@example.org,eve@example.org' }),
  placing('an e-mail address that injects a header', 'email', {
    email: 'ada@example.org\r\nbcc: eve@example.org',
  }),
  placing('an e-mail address of 300 characters', 'email', { email: `${'a'.repeat(288)}@example.org` }),
  placing('a card number', 'paymentMethod.card', { paymentMethod: { card: '4111111111111111' } }),
  placing('an unknown payment method', 'paymentMethod', { paymentMethod: 'cash' }),
  placing('a status', 'status', { status: 'completed' }),
];

const addresses = wrongAddresses([
  ['/orders/42', invalid('orderId')],
  ['/orders/%00', invalid('orderId')],
  [`/orders/${known}%20`, invalid('orderId')],
  [`/orders/${'x'.repeat(300)}`, { status: 414, code: 'url_too_long' }],
  ['/orders/%ff', { status: 400, code: 'malformed_url' }],
  ['/orders/42/history', invalid('orderId')],
  ['/sagas/42', invalid('orderId')],
  [`/orders/${known}?version=0`, invalid('version')],
  [`/orders/${known}?version=-1`, invalid('version')],
  [`/orders/${known}?version=1e309`, invalid('version')],
  [`/orders/${known}?version=1&at=2026-01-01T00:00:00Z`, invalid('at')],
  [`/orders/${known}?at=yesterday`, invalid('at')],
  [`/orders/${known}?wait=1&version=1`, invalid('wait')],
  [`/orders/${known}?wait=0`, invalid('wait')],
  ['/orders/42/events', invalid('orderId')],
  [`/orders/${known}/events`, { status: 404, code: 'unknown_order' }],
  [`/orders/${known}?colour=red`, invalid('colour')],
  ['/orders?limit=0', invalid('limit')],
  ['/orders?limit=201', invalid('limit')],
  ['/orders?limit=1&limit=2', invalid('limit')],
  ['/orders?limit=ten', invalid('limit')],
  ['/orders?status=lost', invalid('status')],
  ['/orders?status[]=pending', invalid('status[]')],
  ['/orders?customerId=%00', invalid('customerId')],
  ['/orders?page=2', invalid('page')],
  ['/orders?__proto__=1', invalid('__proto__')],
  ['/orders?cursor=nonsense', invalid('cursor')],
  [`/orders?cursor=${cursorOf(['2026-01-01T00:00:00Z', 'x'])}`, invalid('cursor')],
  [`/orders?cursor=${cursorOf([`2026-01-01T00:00:00Z'; DROP TABLE event`, known])}`, invalid('cursor')],
  [`/orders?cursor=${cursorOf({ placedAt: 1 })}`, invalid('cursor')],
  [`/orders/${known}/history?limit=0`, invalid('limit')],
  [`/orders/${known}`, { status: 404, code: 'unknown_order' }],
  [`/orders/${known}?version=1`, { status: 404, code: 'unknown_order' }],
  [`/orders/${known}?at=0000-01-01T00:00:00Z`, { status: 404, code: 'unknown_order' }],
  [`/orders/${known}/history`, { status: 404, code: 'unknown_order' }],
  [`/sagas/${known}`, { status: 404, code: 'unknown_saga' }],
  ['/order', { status: 404, code: 'not_found' }],
]);

describe('I08 a wrong request', () => {
  const table: readonly WrongInput[] = [
    ...wrongBodies(place),
    ...wrongNames(place, 'customerId'),
    ...wrongNames(place, 'lines[0].sku'),
    ...wrongNames(place, 'shippingAddress.country'),
    // A value that fits neither form of the union gets an error about the union's own field.
    ...wrongNames(place, 'paymentMethod.card').map((row) =>
      row.what.includes(' as ') ? { ...row, field: 'paymentMethod' } : row,
    ),
    ...wrongIntegers(place, 'lines[0].quantity'),
    ...['name', 'street', 'city', 'postcode'].flatMap((field) =>
      wrongWords(place, `shippingAddress.${field}`),
    ),
    ...orders,
    ...addresses,
    {
      what: 'the cancellation of an unknown order',
      method: 'POST',
      path: `/orders/${known}/cancel`,
      status: 404,
      code: 'unknown_order',
    },
    {
      what: 'the cancellation of a malformed id',
      method: 'POST',
      path: '/orders/42/cancel',
      ...invalid('orderId'),
    },
    ...wrongBodies({ method: 'POST', path: `/orders/${known}/return`, body: { lines: [line] } }),
    ...wrongBodies({ method: 'POST', path: `/orders/${known}/return/decision`, body: { decision: 'deny' } }),
    {
      what: 'the withdrawal of an unknown return',
      method: 'POST',
      path: `/orders/${known}/return/withdraw`,
      status: 404,
      code: 'unknown_return',
    },
    {
      what: 'another method',
      method: 'PATCH',
      path: `/orders/${known}`,
      status: 405,
      code: 'method_not_allowed',
    },
    { what: 'another method', method: 'DELETE', path: '/orders', status: 405, code: 'method_not_allowed' },
  ];

  it.each(table.map((row) => ({ name: `${row.method} ${row.path.slice(0, 80)}: ${row.what}`, row })))(
    '$name',
    async ({ row }) => {
      const answer = await answerTo(order, row);
      expect(answer).toMatchObject({ status: row.status, code: row.code, isProblem: true });
      if (row.field !== undefined) expect(answer.fields).toContain(row.field);
    },
  );

  it('places no order and leaves the service working', async () => {
    expect((await order.call('GET', '/orders')).body.items).toEqual([]);
    expect((await order.call('GET', '/readyz')).status).toBe(200);
    expect((await order.order({ ...place.body, lines: [{ sku: lamp, quantity: 1 }] })).status).toBe(202);
  });
});

it('a cursor in the year 0 gets an empty page', async () => {
  const { status, body } = await order.call(
    'GET',
    `/orders?cursor=${cursorOf(['0000-01-01T00:00:00Z', known])}`,
  );
  expect(status).toEqual(200);
  expect(body).toEqual({ items: [], nextCursor: null });
});

describe('I06 every POST', () => {
  const orderOf = (quantity: number) => ({
    customerId: 'ada',
    lines: [{ sku: lamp, quantity }],
    shippingAddress: address,
  });
  const { completes } = participants(() => order);
  async function completed(price = 12_50) {
    const sku = await order.product(price);
    const orderId = await order.placed({ lines: [{ sku, quantity: 2 }] });
    await completes(orderId);
    await order.endsAs(orderId, 'completed');
    return { orderId, sku };
  }
  /** Asks for a return that needs an approval. */
  async function returned(): Promise<string> {
    const { orderId, sku } = await completed(250_00);
    await order.call('POST', `/orders/${orderId}/return`, { lines: [{ sku, quantity: 1 }] });
    return orderId;
  }
  const posts: Readonly<Record<string, () => KeyedPost | Promise<KeyedPost>>> = {
    '/orders': () => ({ path: '/orders', body: orderOf(1), otherBody: orderOf(2) }),
    '/orders/{orderId}/cancel': async () => ({ path: `/orders/${await order.placed()}/cancel` }),
    '/orders/{orderId}/return': async () => {
      const { orderId, sku } = await completed();
      const body = (quantity: number) => ({ lines: [{ sku, quantity }] });
      return { path: `/orders/${orderId}/return`, body: body(1), otherBody: body(2) };
    },
    '/orders/{orderId}/return/withdraw': async () => ({
      path: `/orders/${await returned()}/return/withdraw`,
    }),
    '/orders/{orderId}/return/decision': async () => ({
      path: `/orders/${await returned()}/return/decision`,
      body: { decision: 'approve' },
      otherBody: { decision: 'deny' },
    }),
  };

  it('is in this table and documents its idempotency key', async () => {
    expect(await documentedPosts(order)).toEqual(new Map(Object.keys(posts).map((path) => [path, true])));
  });

  it.each(Object.entries(posts))('%s takes effect once under a key', async (_path, post) => {
    const { first, again, ...rest } = await repeated(order, await post());
    expect(first).toMatchObject({ status: 202, replayed: false });
    expect(again).toEqual({ ...first, replayed: true });
    expect(rest).toMatchObject({
      sameHeaders: true,
      other: [422, 'idempotency_key_reused'],
      unreadable: [400, 'Idempotency-Key'],
    });
  });
});
