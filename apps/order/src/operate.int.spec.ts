import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { paymentCommands, shippingCommands } from '@millrace/contracts';
import { checkedOrigin, checkOrigins } from '@millrace/testing/openapi';
import { until } from '@millrace/testing/service';
import { address, openOrder, type OrderFixture } from './order.fixture.ts';
import { participants } from './participants.fixture.ts';
import { orderStream } from './stream-ids.ts';

let order: OrderFixture;
beforeAll(async () => {
  order = await openOrder();
});
afterAll(() => order.close());
const { says } = participants(() => order);

interface Answer {
  readonly status: number;
  readonly etag: string;
  readonly body: Record<string, unknown> & { readonly items?: readonly Record<string, unknown>[] };
}

async function call(path: string, init: RequestInit = {}): Promise<Answer> {
  const url = `${order.service().opsUrl}${path}`;
  const answer = await fetch(url, init);
  const text = await answer.text();
  checkOrigins([order.service().opsUrl]);
  const { status, headers } = answer;
  const contentType = headers.get('content-type');
  await checkedOrigin(url)?.({ method: init.method ?? 'GET', url, status, contentType, body: text });
  const body = JSON.parse(text) as Answer['body'];
  return { status, etag: headers.get('etag') ?? '', body };
}

const look = (orderId: string) => call(`/ops/sagas/${orderId}`);

const act = (orderId: string, etag: string, asked: object, headers: Record<string, string> = {}) =>
  call(`/ops/sagas/${orderId}/actions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'millrace-actor': 'grace',
      'idempotency-key': randomUUID(),
      'if-match': etag,
      ...headers,
    },
    body: JSON.stringify({ reason: 'INC-7', ...asked }),
  });

/** A saga that waits for the payment. */
async function waitingForPayment(): Promise<string> {
  const orderId = await order.placed();
  await says.reserved(orderId);
  await order.commanded(paymentCommands, 'ProcessPayment', orderId);
  return orderId;
}

describe('an operator of the order service', () => {
  it('finds a saga by state and step, and sees why it waits and until when', async () => {
    const orderId = await waitingForPayment();
    const pages: string[] = [];
    for (let after = ''; ;) {
      const { body } = await call(`/ops/sagas?state=running&step=pay&limit=1${after}`);
      pages.push(...(body.items ?? []).map(({ sagaId }) => String(sagaId)));
      if (body['nextCursor'] === null) break;
      after = `&after=${String(body['nextCursor'])}`;
    }
    expect(pages).toContain(orderId);
    const { body, etag } = await look(orderId);
    expect(body).toMatchObject({
      status: 'running',
      waitsFor: [{ step: 'pay', replies: ['PaymentProcessed', 'PaymentFailed'] }],
      timers: [{ step: 'pay', attempt: 1 }],
    });
    expect(etag).toBe(`"${String(body['streamVersion'])}"`);
    expect(await call('/ops/sagas/nobody')).toMatchObject({ status: 404, body: { code: 'unknown_saga' } });
    expect(await call('/ops/sagas?after=nonsense')).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'after' }] },
    });
  });

  it('skips a step with its result, and the order goes on to its end', async () => {
    const orderId = await waitingForPayment();
    const result = { type: 'PaymentProcessed', orderId, amount: { amount: 25_00, currency: 'EUR' } };
    const { etag, body: seen } = await look(orderId);
    const wrong = await act(orderId, etag, { action: 'skip', result: { type: 'PaymentProcessed' } });
    expect(wrong).toMatchObject({ status: 422, body: { code: 'invalid_result' } });
    const other = await act(orderId, etag, {
      action: 'skip',
      result: { orderId, type: 'ShipmentScheduled' },
    });
    expect(other).toMatchObject({ status: 409, body: { code: 'unexpected_result' } });

    const skipped = await act(orderId, etag, { action: 'skip', result });
    expect(skipped).toMatchObject({ status: 200, body: { waitsFor: [{ step: 'ship' }] } });
    expect(Number(skipped.body['streamVersion'])).toBeGreaterThan(Number(seen['streamVersion']));
    await order.commanded(shippingCommands, 'ScheduleShipment', orderId);
    await says.scheduled(orderId);
    await says.committed(orderId);
    const ended = await until(
      () => look(orderId),
      ({ body }) => body['status'] === 'completed',
    );
    expect(ended.body['events']).toContainEqual(
      expect.objectContaining({ type: 'OperatorActed', action: 'skip', actor: 'grace', reason: 'INC-7' }),
    );
    expect(await act(orderId, ended.etag, { action: 'compensate' })).toMatchObject({
      status: 409,
      body: { code: 'saga_ended' },
    });
  });

  it('Z05 acts once under one idempotency key, and gets the same answer again', async () => {
    const orderId = await waitingForPayment();
    const { etag } = await look(orderId);
    const key = { 'idempotency-key': randomUUID() };
    const first = await act(orderId, etag, { action: 'retry' }, key);
    expect(await act(orderId, etag, { action: 'retry' }, key)).toEqual(first);
    expect((await look(orderId)).etag).toBe(first.etag);
  });

  it('Z03 is told that another operator was faster, also if both act at once', async () => {
    const orderId = await waitingForPayment();
    const { etag } = await look(orderId);
    const answers = await Promise.all([
      act(orderId, etag, { action: 'pause' }),
      act(orderId, etag, { action: 'compensate' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect(answers.find(({ status }) => status === 412)?.body).toMatchObject({ code: 'version_moved' });
  });

  it('Z07 reads a stream now, at a version and at a moment, without personal data', async () => {
    const orderId = await waitingForPayment();
    const stream = `/ops/streams/${orderStream(orderId)}`;
    const cancelledAfter = new Date().toISOString();
    await order.call('POST', `/orders/${orderId}/cancel`);
    const versions = async (query = '') =>
      ((await call(`${stream}${query}`)).body.items ?? []).map(({ version }) => version);
    expect(await versions()).toEqual([1, 2]);
    expect(await versions('?version=1')).toEqual([1]);
    expect(await versions(`?at=${cancelledAfter}`)).toEqual([1]);
    expect(
      await versions(`?limit=1&after=${String((await call(`${stream}?limit=1`)).body['nextCursor'])}`),
    ).toEqual([2]);
    expect(JSON.stringify((await call(stream)).body)).not.toContain(address.street);
    expect(await call('/ops/streams/order-nobody')).toMatchObject({
      status: 404,
      body: { code: 'unknown_stream' },
    });
    expect((await call(`/ops/streams/saga-fulfillment-${orderId}`)).body.items).toContainEqual(
      expect.objectContaining({ type: 'SagaStarted' }),
    );
    expect((await call(`${stream}?version=1&at=${cancelledAfter}`)).status).toBe(400);
  });

  it('reads the state of an order and of its saga without personal data, and what changed', async () => {
    const orderId = await waitingForPayment();
    const stream = `/ops/streams/${orderStream(orderId)}`;
    const before = String((await call(stream)).body.items?.[0]?.['recordedAt']);
    await order.call('POST', `/orders/${orderId}/cancel`);

    const now = await call(`${stream}/state`);
    expect(now).toMatchObject({
      status: 200,
      body: { version: 2, state: { status: 'cancelling', orderId } },
    });
    const personal = now.body['state'] as { readonly personal: object };
    expect(JSON.stringify(personal.personal)).toContain('[personal]');
    for (const value of [address.name, address.street, address.city, address.postcode])
      expect(JSON.stringify(now.body).includes(value)).toBe(false);
    for (const past of ['version=1', `at=${before}`])
      expect((await call(`${stream}/state?${past}`)).body).toMatchObject({
        version: 1,
        state: { status: 'pending' },
      });
    const changes = [
      { path: '/status', before: 'pending', after: 'cancelling' },
      { path: '/cancellationAccepted', after: true },
      { path: '/completionRejected', after: false },
    ];
    for (const query of ['from=1&to=2', `from=${before}`]) {
      const { body } = await call(`${stream}/difference?${query}`);
      expect(body).toMatchObject({ from: 1, to: 2, changes: expect.arrayContaining(changes) });
      expect(body['changes']).toHaveLength(changes.length);
    }
    const saga = await call(`/ops/streams/saga-fulfillment-${orderId}/difference?from=0&to=1`);
    expect(saga.body).toMatchObject({ from: 0, to: 1 });
    expect(saga.body['changes']).toContainEqual({ path: '/status', before: 'absent', after: 'running' });
  });

  it('reads what a request has caused in this service, in the order of recording', async () => {
    const orderId = await waitingForPayment();
    const { body } = await call(`/ops/streams/${orderStream(orderId)}`);
    const path = `/ops/correlations/${String(body.items?.[0]?.['correlationId'])}`;
    const all = await call(path);
    expect(all.body).toMatchObject({ service: 'order', complete: true });
    expect(all.body.items?.map(({ stream, type }) => [stream, type]).slice(0, 3)).toEqual([
      [orderStream(orderId), 'OrderCreated'],
      [`saga-fulfillment-${orderId}`, 'SagaStarted'],
      [`saga-fulfillment-${orderId}`, 'CommandSent'],
    ]);
    expect(JSON.stringify(all.body)).not.toContain(address.street);
    expect((await call(`${path}?limit=1`)).body).toMatchObject({ items: [{ version: 1 }], complete: false });
    expect((await call('/ops/correlations/nobody')).body).toMatchObject({ items: [], complete: true });
  });

  it('is told why there is no state to see', async () => {
    const orderId = await waitingForPayment();
    const answerOf = async (path: string) => {
      const { status, body } = await call(`/ops/streams/${path}`);
      return { status, code: body['code'] };
    };
    expect(await answerOf('order-nobody/state')).toEqual({ status: 404, code: 'unknown_stream' });
    expect(await answerOf('basket-1/state')).toEqual({ status: 404, code: 'not_folded' });
    expect(await answerOf(`order-${orderId}/state?at=2020-01-01T00:00:00Z`)).toMatchObject({ status: 404 });
    for (const wrong of [
      'state?version=0',
      'state?version=1&at=2020-01-01T00:00:00Z',
      'difference',
      'difference?from=x',
    ])
      expect(await answerOf(`order-${orderId}/${wrong}`)).toEqual({ status: 400, code: 'invalid_request' });
  });

  it('Z05 must say who acts, on which version, and under which key', async () => {
    const orderId = await waitingForPayment();
    const { etag } = await look(orderId);
    const without = async (header: string) => {
      const { status, body } = await act(orderId, etag, { action: 'retry' }, { [header]: '' });
      return { status, code: body['code'] };
    };
    expect(await without('if-match')).toEqual({ status: 428, code: 'precondition_required' });
    expect(await without('millrace-actor')).toEqual({ status: 400, code: 'invalid_request' });
    expect(await without('idempotency-key')).toEqual({ status: 400, code: 'invalid_request' });
    expect((await act(orderId, etag, { action: 'retry', reason: ' ' })).status).toBe(400);
    expect((await act(orderId, etag, { action: 'skip' })).status).toBe(400);
    expect((await look(orderId)).etag).toBe(etag);
  });

  it('may correct the version of a request and send it with the same key', async () => {
    const orderId = await waitingForPayment();
    const key = { 'idempotency-key': randomUUID() };
    expect((await act(orderId, '', { action: 'pause' }, key)).status).toBe(428);
    expect((await act(orderId, '"1"', { action: 'pause' }, key)).status).toBe(412);
    const { etag } = await look(orderId);
    expect((await act(orderId, etag, { action: 'pause' }, key)).status).toBe(200);
  });
});
