import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  answerTo,
  documentedPosts,
  repeated,
  wrongAddresses,
  wrongBodies,
  wrongIntegers,
  wrongNames,
  type GoodRequest,
  type KeyedPost,
  type TestService,
  type WrongInput,
} from '@millrace/testing/service';
import { openPayment } from './payment.fixture.ts';

let payment: TestService;
beforeAll(async () => {
  payment = await openPayment();
  await payment.call('POST', '/accounts', { customerId: 'rich', currency: 'EUR' });
  await payment.call('POST', '/accounts/rich/deposits', { amount: 1_000 });
});
afterAll(() => payment.close());

const createAccount: GoodRequest = {
  method: 'POST',
  path: '/accounts',
  body: { customerId: 'new', currency: 'EUR' },
};
const deposit: GoodRequest = { method: 'POST', path: '/accounts/rich/deposits', body: { amount: 1 } };
const withdraw: GoodRequest = { method: 'POST', path: '/accounts/rich/withdrawals', body: { amount: 1 } };

const invalid = (field: string) => ({ status: 400, code: 'invalid_request', field });
const addresses = wrongAddresses([
  ['/accounts/a%20b', invalid('customerId')],
  ['/accounts/%00', invalid('customerId')],
  ['/accounts/%F0%9F%98%80', invalid('customerId')],
  ['/accounts/..%2fetc', invalid('customerId')],
  [`/accounts/${'x'.repeat(65)}`, invalid('customerId')],
  [`/accounts/${'x'.repeat(300)}`, { status: 414, code: 'url_too_long' }],
  ['/accounts/%ff', { status: 400, code: 'malformed_url' }],
  ['/accounts/__proto__', { status: 404, code: 'unknown_account' }],
  ['/accounts/nobody', { status: 404, code: 'unknown_account' }],
  ['/accounts/nobody/history', { status: 404, code: 'unknown_account' }],
  ['/accounts/nobody?version=1', { status: 404, code: 'unknown_account' }],
  ['/payments/0199f000-0000-4000-8000-000000000001', { status: 404, code: 'unknown_payment' }],
  ['/accounts/rich?version=0', invalid('version')],
  ['/accounts/rich?version=1.5', invalid('version')],
  ['/accounts/rich?version=9007199254740992', invalid('version')],
  ['/accounts/rich?version=1&version=2', invalid('version')],
  ['/accounts/rich?version=1&at=2026-01-01T00:00:00Z', invalid('at')],
  ['/accounts/rich?at=2026-02-30T00:00:00Z', invalid('at')],
  ['/accounts/rich?at=%00', invalid('at')],
  ['/accounts/rich?__proto__=1', invalid('__proto__')],
  ['/accounts/rich?version=9', { status: 404, code: 'unknown_version' }],
  ['/accounts/rich/history?limit=0', invalid('limit')],
  ['/accounts/rich/history?limit=201', invalid('limit')],
  ['/accounts/rich/history?limit=1e309', invalid('limit')],
  ['/accounts/rich/history?cursor=%00', invalid('cursor')],
  ['/accounts/rich/history?cursor=nonsense', invalid('cursor')],
  [`/accounts/rich/history?cursor=${Buffer.from('1e309').toString('base64url')}`, invalid('cursor')],
  [
    `/accounts/rich/history?cursor=${Buffer.from('9007199254740993').toString('base64url')}`,
    invalid('cursor'),
  ],
  [`/accounts/rich/history?cursor=${'x'.repeat(1_025)}`, invalid('cursor')],
  ['/accounts/rich/histories', { status: 404, code: 'not_found' }],
  ['/payments/42', invalid('orderId')],
]);

describe('I08 a wrong request', () => {
  const table: readonly WrongInput[] = [
    ...wrongBodies(createAccount),
    ...wrongNames(createAccount, 'customerId'),
    ...wrongNames(createAccount, 'currency'),
    ...wrongBodies(deposit),
    ...wrongIntegers(deposit, 'amount'),
    ...wrongBodies(withdraw),
    ...wrongIntegers(withdraw, 'amount'),
    ...addresses,
    {
      what: 'another method',
      method: 'DELETE',
      path: '/accounts/rich',
      status: 405,
      code: 'method_not_allowed',
    },
    {
      what: 'a deposit beyond the limit',
      method: 'POST',
      path: '/accounts/rich/deposits',
      status: 409,
      code: 'balance_limit_exceeded',
      headers: { 'content-type': 'application/json' },
      body: '{"amount":1000000000000000}',
    },
  ];

  it.each(table.map((row) => ({ name: `${row.method} ${row.path.slice(0, 80)}: ${row.what}`, row })))(
    '$name',
    async ({ row }) => {
      const answer = await answerTo(payment, row);
      expect(answer).toMatchObject({ status: row.status, code: row.code, isProblem: true });
      if (row.field !== undefined) expect(answer.fields).toContain(row.field);
    },
  );

  it('changes nothing and leaves the service working', async () => {
    expect((await payment.call('GET', '/accounts/rich')).body).toMatchObject({
      balance: { amount: 1_000 },
      version: 2,
    });
    expect(await payment.call('GET', '/readyz')).toMatchObject({ status: 200 });
    expect(
      await payment.call('POST', '/accounts', {
        customerId: `new-${randomUUID().slice(0, 8)}`,
        currency: 'EUR',
      }),
    ).toMatchObject({
      status: 201,
    });
  });
});

describe('I06 every POST', () => {
  const newAccount = () => ({ customerId: `new-${randomUUID().slice(0, 8)}`, currency: 'EUR' });
  const posts: Readonly<Record<string, () => KeyedPost>> = {
    '/accounts': () => ({ path: '/accounts', body: newAccount(), otherBody: newAccount() }),
    '/accounts/{customerId}/deposits': () => ({
      path: '/accounts/rich/deposits',
      body: { amount: 5 },
      otherBody: { amount: 6 },
    }),
    '/accounts/{customerId}/withdrawals': () => ({
      path: '/accounts/rich/withdrawals',
      body: { amount: 5 },
      otherBody: { amount: 6 },
    }),
  };

  it('is in this table and documents its idempotency key', async () => {
    expect(await documentedPosts(payment)).toEqual(new Map(Object.keys(posts).map((path) => [path, true])));
  });

  it.each(Object.entries(posts))('%s takes effect once under a key', async (_path, post) => {
    const { first, again, ...rest } = await repeated(payment, post());
    expect(first).toMatchObject({ status: 201, replayed: false });
    expect(again).toEqual({ ...first, replayed: true });
    expect(rest).toEqual({
      sameHeaders: true,
      other: [422, 'idempotency_key_reused'],
      unreadable: [400, 'Idempotency-Key'],
      eventsOfTheFirst: 1,
      eventsOfTheOthers: 0,
    });
  });

  it('gets the same refusal under the same key, even if it could succeed by now', async () => {
    const customerId = newAccount().customerId;
    const key = { 'idempotency-key': randomUUID() };
    await payment.call('POST', '/accounts', { customerId, currency: 'EUR' });
    const refused = await payment.call('POST', `/accounts/${customerId}/withdrawals`, { amount: 5 }, key);
    await payment.call('POST', `/accounts/${customerId}/deposits`, { amount: 100 });
    const again = await payment.call('POST', `/accounts/${customerId}/withdrawals`, { amount: 5 }, key);
    expect(refused.status).toEqual(409);
    expect(refused.body.code).toEqual('insufficient_funds');
    expect(again.status).toEqual(409);
    expect(again.body).toEqual(refused.body);
    expect(again.headers.get('idempotent-replayed')).toEqual('true');
  });
});
