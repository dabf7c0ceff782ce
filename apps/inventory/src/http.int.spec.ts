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
  type TestService,
  type WrongInput,
} from '@millrace/testing/service';
import { openInventory } from './inventory.fixture.ts';

const price = { amount: 24_90, currency: 'EUR' };
let inventory: TestService;
beforeAll(async () => {
  inventory = await openInventory();
  await inventory.call('PUT', '/products/lamp', { name: 'Lamp', price });
});
afterAll(() => inventory.close());

const define: GoodRequest = { method: 'PUT', path: '/products/lamp', body: { name: 'Other', price } };
const receive: GoodRequest = { method: 'POST', path: '/products/lamp/receipts', body: { quantity: 1 } };

const invalid = (field: string) => ({ status: 400, code: 'invalid_request', field });
const cursorOf = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');
const sent = (
  good: GoodRequest,
  path: string,
  expected: Pick<WrongInput, 'status' | 'code'> & Partial<WrongInput>,
): WrongInput => ({
  what: `${expected.code}`,
  method: good.method,
  path,
  body: JSON.stringify(good.body),
  headers: { 'content-type': 'application/json' },
  ...expected,
});

const addresses: readonly WrongInput[] = [
  sent(define, '/products/a%20b', invalid('sku')),
  sent(define, '/products/%00', invalid('sku')),
  sent(define, '/products/%F0%9F%98%80', invalid('sku')),
  sent(define, `/products/${'x'.repeat(65)}`, invalid('sku')),
  sent(define, `/products/${'x'.repeat(300)}`, { status: 414, code: 'url_too_long' }),
  sent(define, '/products/%ff', { status: 400, code: 'malformed_url' }),
  sent(receive, '/products/a%20b/receipts', invalid('sku')),
  sent(receive, '/products/nothing/receipts', { status: 404, code: 'unknown_product' }),
  sent(receive, '/products/__proto__/receipts', { status: 404, code: 'unknown_product' }),
  sent(receive, '/products/lamp/receipts/', { status: 404, code: 'not_found' }),
  sent(receive, '/products/lamp', { status: 405, code: 'method_not_allowed' }),
  sent(define, '/products', { status: 405, code: 'method_not_allowed' }),
  ...wrongAddresses([
    ['/products?limit=0', invalid('limit')],
    ['/products?limit=-1', invalid('limit')],
    ['/products?limit=201', invalid('limit')],
    ['/products?limit=1.5', invalid('limit')],
    ['/products?limit=9007199254740993', invalid('limit')],
    ['/products?limit=1&limit=1', invalid('limit')],
    ['/products?page=2', invalid('page')],
    ['/products?cursor=nonsense', invalid('cursor')],
    ['/products?cursor=%00', invalid('cursor')],
    [`/products?cursor=${cursorOf('a\0b')}`, invalid('cursor')],
    [`/products?cursor=${cursorOf(['lamp'])}`, invalid('cursor')],
    [`/products?cursor=${cursorOf({ __proto__: null, sku: 'lamp' })}`, invalid('cursor')],
    ['/products/nothing', { status: 404, code: 'unknown_product' }],
    ['/product', { status: 404, code: 'not_found' }],
    ['/reservations/42', invalid('orderId')],
    ['/reservations/0199f000-0000-4000-8000-000000000001', { status: 404, code: 'unknown_reservation' }],
  ]),
];

describe('I08 a wrong request', () => {
  const table: readonly WrongInput[] = [
    ...wrongBodies(define),
    ...wrongWords(define, 'name'),
    ...wrongIntegers(define, 'price.amount', { zero: 'good' }),
    ...wrongNames(define, 'price.currency'),
    ...wrongBodies(receive),
    ...wrongIntegers(receive, 'quantity'),
    ...addresses,
  ];

  it.each(table.map((row) => ({ name: `${row.method} ${row.path.slice(0, 80)}: ${row.what}`, row })))(
    '$name',
    async ({ row }) => {
      const answer = await answerTo(inventory, row);
      expect(answer).toMatchObject({ status: row.status, code: row.code, isProblem: true });
      if (row.field !== undefined) expect(answer.fields).toContain(row.field);
    },
  );

  it('changes nothing and leaves the service working', async () => {
    const lamp = { sku: 'lamp', name: 'Lamp', price, onHand: 0, reserved: 0, shipped: 0, returned: 0 };
    expect((await inventory.call('GET', '/products')).body.items).toEqual([lamp]);
    expect((await inventory.call('GET', '/readyz')).status).toBe(200);
  });
});

it('the name of a product may be in any script, and is kept exactly as written', async () => {
  const names = [
    'Lámpara 灯 💡',
    'la\u0301mpara',
    'مصباح',
    '\u202eturned',
    '👩‍👩‍👧',
    '\ufeffmark',
    "'; DROP TABLE event; --",
    '<b>',
  ];
  for (const name of names) {
    await inventory.call('PUT', '/products/any-script', { name, price });
    expect((await inventory.call('GET', '/products/any-script')).body.name).toBe(name);
  }
});

describe('I06 every POST', () => {
  const posts: Readonly<Record<string, KeyedPost>> = {
    '/products/{sku}/receipts': {
      path: '/products/lamp/receipts',
      body: { quantity: 5 },
      otherBody: { quantity: 6 },
    },
  };

  it('is in this table and documents its idempotency key', async () => {
    expect(await documentedPosts(inventory)).toEqual(new Map(Object.keys(posts).map((path) => [path, true])));
  });

  it.each(Object.entries(posts))('%s takes effect once under a key', async (_path, post) => {
    const { first, again, ...rest } = await repeated(inventory, post);
    // The answer is read in the request's own transaction.
    expect(first).toMatchObject({ status: 201, body: { onHand: 5 }, replayed: false });
    expect(again).toEqual({ ...first, replayed: true });
    expect(rest).toEqual({
      sameHeaders: true,
      other: [422, 'idempotency_key_reused'],
      unreadable: [400, 'Idempotency-Key'],
      eventsOfTheFirst: 1,
      eventsOfTheOthers: 0,
    });
  });
});
