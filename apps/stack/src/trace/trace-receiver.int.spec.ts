import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTraceReceiver, type TraceReceiver } from './trace-receiver.ts';

const traceId = 'a'.repeat(32);
const sent = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'order' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId,
              spanId: 'b'.repeat(16),
              parentSpanId: '',
              name: 'POST /orders',
              kind: 2,
              startTimeUnixNano: '1795188576192000000',
              endTimeUnixNano: '1795188576193500000',
              attributes: [
                { key: 'http.response.status_code', value: { intValue: '202' } },
                {
                  key: 'millrace.saga.steps_sent',
                  value: { arrayValue: { values: [{ stringValue: 'pay' }] } },
                },
              ],
              links: [{ traceId, spanId: 'c'.repeat(16), attributes: [] }],
              status: { code: 2 },
            },
          ],
        },
      ],
    },
  ],
};

describe('the receiver of traces', () => {
  let receiver: TraceReceiver;
  beforeAll(async () => {
    receiver = await startTraceReceiver(() => undefined);
  });
  afterAll(() => receiver.stop());

  const post = async (body: string, path = '/v1/traces') =>
    (await fetch(receiver.url + path, { method: 'POST', body })).status;

  it('accepts spans over OTLP as JSON and returns them', async () => {
    expect(await post(JSON.stringify(sent))).toBe(200);

    expect(await (await fetch(`${receiver.url}/traces/${traceId}`)).json()).toEqual({
      spans: [
        {
          traceId,
          spanId: 'b'.repeat(16),
          service: 'order',
          name: 'POST /orders',
          kind: 2,
          startMs: 1795188576192,
          durationMs: 1.5,
          failed: true,
          attributes: { 'http.response.status_code': 202, 'millrace.saga.steps_sent': ['pay'] },
          links: [{ traceId, spanId: 'c'.repeat(16) }],
        },
      ],
    });
  });

  it('refuses a request that is malformed, too long or not for traces', async () => {
    expect(await post('no JSON')).toBe(400);
    expect(await post('{}', '/v1/metrics')).toBe(404);
    expect(await post('x'.repeat(16_000_001))).toBe(413);
    expect((await fetch(`${receiver.url}/traces/unknown`)).status).toBe(404);
  });
});
