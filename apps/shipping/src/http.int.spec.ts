import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import {
  answerTo,
  documentedPosts,
  repeated,
  wrongAddresses,
  type WrongInput,
} from '@millrace/testing/service';
import { openShipping, type ShippingFixture } from './shipping.fixture.ts';

let shipping: ShippingFixture;
beforeAll(async () => {
  shipping = await openShipping();
});
afterAll(() => shipping.close());

const known = '0199f000-0000-4000-8000-000000000001';
const wrongRows: readonly WrongInput[] = [
  ...wrongAddresses([
    [`/shipments/${known}`, { status: 404, code: 'unknown_shipment' }],
    ['/shipments/42', { status: 400, code: 'invalid_request', field: 'orderId' }],
    ['/shipments/%00', { status: 400, code: 'invalid_request', field: 'orderId' }],
    ['/shipments/%F0%9F%98%80', { status: 400, code: 'invalid_request', field: 'orderId' }],
    ['/shipments/%ff', { status: 400, code: 'malformed_url' }],
    [`/shipments/${'0'.repeat(300)}`, { status: 414, code: 'url_too_long' }],
    ['/shipments', { status: 404, code: 'not_found' }],
  ]),
  {
    what: 'another method',
    method: 'POST',
    path: `/shipments/${known}`,
    status: 405,
    code: 'method_not_allowed',
  },
  {
    what: 'the parcel of an unknown order',
    method: 'POST',
    path: `/shipments/${known}/return-parcel`,
    status: 404,
    code: 'no_return_label',
  },
  {
    what: 'the parcel of a malformed id',
    method: 'POST',
    path: '/shipments/42/return-parcel',
    status: 400,
    code: 'invalid_request',
    field: 'orderId',
  },
];

describe('the running service', () => {
  it.each(wrongRows.map((row) => ({ name: `${row.method} ${row.path}`, row })))(
    'I08 answers $name with a problem and keeps working',
    async ({ row }) => {
      const answer = await answerTo(shipping, row);
      expect(answer).toMatchObject({ status: row.status, code: row.code, isProblem: true });
      if (row.field !== undefined) expect(answer.fields).toContain(row.field);
      expect((await shipping.call('GET', '/readyz')).status).toBe(200);
    },
  );

  it('finds an order by its id in upper or lower case', async () => {
    const orderId = randomUUID();
    await shipping.cancel(orderId);
    await shipping.answered(orderId, 1);
    expect((await shipping.call('GET', `/shipments/${orderId.toUpperCase()}`)).body).toEqual({
      orderId,
      status: 'cancelled',
    });
  });

  it('documents its interface', async () => {
    expect(await shipping.documentedCalls()).toEqual([
      'get /shipments/{orderId}',
      'post /shipments/{orderId}/return-parcel',
    ]);
  });

  it('logs with the order id and the correlation id', async () => {
    const orderId = randomUUID();
    await shipping.cancel(orderId);
    await shipping.answered(orderId, 1);
    await shipping.logged(orderId, { correlationId: `story-${orderId}`, type: 'CancelShipment' });
  });
});

describe('I06 every POST', () => {
  it('is that of a returned parcel, which documents its idempotency key', async () => {
    expect(await documentedPosts(shipping)).toEqual(new Map([['/shipments/{orderId}/return-parcel', true]]));
  });

  it('takes effect once under a key', async () => {
    const orderId = randomUUID();
    await shipping.schedule(orderId);
    await shipping.answered(orderId, 1);
    await shipping.complete(orderId);
    await shipping.answered(orderId, 3);
    await shipping.makeLabel(orderId);
    await shipping.answered(orderId, 4);

    const post = { path: `/shipments/${orderId}/return-parcel` };
    const { first, again, ...rest } = await repeated(shipping, post);
    expect(first).toMatchObject({
      status: 200,
      body: { orderId, returnLabel: { status: 'received' } },
      replayed: false,
    });
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
