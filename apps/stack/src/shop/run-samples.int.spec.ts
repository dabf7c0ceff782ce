import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runSample } from './run-samples.ts';
import { sampleOrders, type SampleOrder } from './sample-orders.ts';

const orderId = '0190a000-0000-7000-8000-000000000001';
const limits = { pollMs: 2, endTimeoutMs: 2_000 };

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

type Answer = readonly [status: number, body?: unknown];

/** Starts one server that plays all services and answers as the test says. */
async function shop(
  answer: (call: string) => Answer,
): Promise<Record<'order' | 'inventory' | 'payment' | 'shipping' | 'notification', string>> {
  const server = createServer((request, response) => {
    const [status, body] = answer(`${request.method} ${request.url?.replace(orderId, 'ID')}`);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { order: url, inventory: url, payment: url, shipping: url, notification: url };
}

const [simple] = sampleOrders as readonly [SampleOrder];
const saga = {
  status: 'completed',
  steps: [
    { name: 'reserve', status: 'done', sentAt: 'now' },
    { name: 'pay', status: 'waiting', sentAt: null },
  ],
  compensations: [],
};

describe('a sample order', () => {
  it('is placed, waits while a service restarts, and ends with its mail', async () => {
    const calls: string[] = [];
    const answers: Record<string, Answer[]> = {
      'POST /orders': [[202, { orderId }]],
      'GET /orders/ID': [[200, { status: 'pending' }], [503], [200, { status: 'completed' }]],
      'GET /sagas/ID': [[404], [502], [200, saga]],
      'GET /notifications?orderId=ID': [[200, { items: [] }], [500], [200, { items: [{}] }]],
    };
    const urls = await shop((call) => {
      calls.push(call);
      const [first, ...rest] = answers[call] ?? [];
      if (rest.length > 0) answers[call] = rest;
      return first ?? [404];
    });

    expect(await runSample(urls, simple, () => undefined, { ...limits, endTimeoutMs: 20_000 })).toMatchObject(
      {
        orderId,
        correlationId: expect.any(String),
        outcome: 'completed',
        reason: null,
        steps: ['reserve'],
      },
    );
    expect(calls.filter((call) => call.startsWith('POST'))).toHaveLength(1);
    expect(calls.at(-1)).toBe('GET /notifications?orderId=ID');
  });

  it('comes back in part: the label, the scan of the parcel, and the end of the return', async () => {
    const calls: string[] = [];
    const returns = [
      { status: 'requested' },
      { status: 'announced' },
      { status: 'closed', reason: 'denied' },
    ];
    const urls = await shop((call) => {
      calls.push(call);
      if (call === 'POST /orders') return [202, { orderId }];
      if (call === 'GET /orders/ID/return') return [200, returns.length > 1 ? returns.shift() : returns[0]];
      if (call === 'GET /sagas/ID') return [200, saga];
      return [200, { status: 'completed', items: [{}] }];
    });
    const sample = { ...simple, returns: simple.lines };

    expect(await runSample(urls, sample, () => undefined, { ...limits, endTimeoutMs: 20_000 })).toMatchObject(
      {
        outcome: 'return closed',
        reason: 'denied',
      },
    );
    expect(calls.filter((call) => call.startsWith('POST'))).toEqual([
      'POST /orders',
      'POST /orders/ID/return',
      'POST /shipments/ID/return-parcel',
    ]);
  });

  it('is a row with what is known so far if it does not end in time', async () => {
    const urls = await shop((call) => {
      if (call === 'POST /orders') return [202, { orderId }];
      return call === 'GET /sagas/ID' ? [200, { ...saga, status: 'running' }] : [200, { status: 'pending' }];
    });

    expect(await runSample(urls, simple, () => undefined, limits)).toMatchObject({
      orderId,
      expected: 'completed',
      outcome: 'pending',
      reason: 'did not end within 2 s',
      steps: ['reserve'],
    });
  });

  it('becomes a row too if it cannot be placed', async () => {
    const urls = await shop(() => [503, { title: 'draining' }]);

    expect(await runSample(urls, simple, () => undefined, limits)).toMatchObject({
      orderId: null,
      outcome: 'not placed',
      reason: expect.stringMatching(/^POST http:.*\/orders: 503 +draining$/),
      steps: [],
    });
  });
});
