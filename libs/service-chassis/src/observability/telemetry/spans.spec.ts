import { channel, tracingChannel } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { parseTraceparent, resumeTrace, type TraceCarrier } from '@millrace/streaming-core/contract';
import { recordSpans, type RecordedSpan } from './recorded-spans.fixture.ts';

let recorded: ReturnType<typeof recordSpans>;
beforeAll(() => {
  recorded = recordSpans();
});
afterAll(() => recorded.stop());

const traceId = (digit: string) => digit.repeat(32);
const spanId = (digit: string) => digit.repeat(16);
const from = (digit: string): TraceCarrier => ({
  traceparent: `00-${traceId(digit)}-${spanId(digit)}-01`,
  tracestate: 'vendor=1',
});

const message = (topic: string, digit: string) => ({
  context: {
    ...from(digit),
    topic,
    partition: 2,
    offset: 41n,
    id: `id-${digit}`,
    correlationId: `story-${digit}`,
    key: 'ada',
  },
  bodyBytes: 12,
});
const processed = (messages: readonly ReturnType<typeof message>[], work: () => Promise<unknown>) =>
  tracingChannel('millrace.consumer.process').tracePromise(work, { group: 'inventory', messages });

const activeSpanId = () => trace.getActiveSpan()?.spanContext().spanId;
const carriedBy = ({ traceparent }: TraceCarrier) => parseTraceparent(traceparent);
const named = (spans: readonly RecordedSpan[], name: string) => spans.filter((span) => span.name === name);

describe('a message handled alone', () => {
  it('has one span, whose parent came with it, and whose context goes with everything that it writes', async () => {
    const one = message('orders', 'a');
    let active: string | undefined;
    await processed([one], () => Promise.resolve((active = resumeTrace(one.context, activeSpanId))));

    const [span, ...others] = recorded.take();
    expect(others).toEqual([]);
    expect(span).toMatchObject({
      name: 'process orders',
      kind: 'CONSUMER',
      traceId: traceId('a'),
      parentSpanId: spanId('a'),
      links: [],
      failed: false,
    });
    expect(span?.attributes).toEqual({
      'messaging.system.name': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': 'inventory',
      'messaging.destination.name': 'orders',
      'messaging.destination.partition.id': '2',
      'kafka.offset': 41,
      'messaging.message.id': 'id-a',
      'messaging.message.conversation_id': 'story-a',
      'messaging.message.body.size': 12,
    });
    expect(active).toBe(span?.spanId);
    expect(carriedBy(one.context)).toEqual({ traceId: traceId('a'), spanId: span?.spanId, flags: 1 });
    expect(one.context.tracestate).toBe('vendor=1');
  });

  it('has a span with the type of its error and nothing from the message if it fails', async () => {
    const error = Object.assign(new Error('duplicate key (email)=(ada@example.org)'), { code: '23505' });
    await expect(processed([message('orders', 'b')], () => Promise.reject(error))).rejects.toBe(error);

    const spans = recorded.take();
    expect(spans).toMatchObject([{ failed: true, attributes: { 'error.type': '23505' } }]);
    expect(JSON.stringify(spans)).not.toContain('ada@');
  });
});

describe('messages of several traces that share a transaction', () => {
  it('each have a span in their own trace, linked both ways with one span for all', async () => {
    const one = message('orders', 'c');
    const two = message('payments', 'd');
    const active: (string | undefined)[] = [];
    await processed([one, two], async () => {
      for (const { context } of [one, two])
        active.push(await resumeTrace(context, async () => activeSpanId()));
      active.push(activeSpanId());
    });

    const spans = recorded.take();
    const [batch] = named(spans, 'process');
    const own = named(spans, 'process orders')[0];
    const other = named(spans, 'process payments')[0];
    expect(own).toMatchObject({ traceId: traceId('c'), parentSpanId: spanId('c'), links: [batch?.spanId] });
    expect(other).toMatchObject({ traceId: traceId('d'), parentSpanId: spanId('d'), links: [batch?.spanId] });
    expect(batch).toMatchObject({
      kind: 'CONSUMER',
      links: [spanId('c'), spanId('d')],
      attributes: { 'messaging.batch.message_count': 2 },
    });
    expect(batch?.parentSpanId).toBeUndefined();
    expect(active).toEqual([own?.spanId, other?.spanId, batch?.spanId]);
    expect(carriedBy(one.context)?.spanId).toBe(own?.spanId);
  });
});

describe('messages that the relay sends', () => {
  it('have a span each, in the trace that wrote them, and carry that context on', async () => {
    const records = [
      { ...from('e'), topic: 'orders', messageId: 'm', correlationId: 's', bodyBytes: 7 },
      { topic: 'plain', bodyBytes: 0 } as TraceCarrier & { topic: string; bodyBytes: number },
    ];
    await tracingChannel('millrace.relay.send').tracePromise(
      () =>
        Promise.resolve([
          { topic: 'orders', partition: 3, offset: 9n },
          { topic: 'plain', partition: 0, offset: 0n },
        ]),
      {
        relay: 'outbox',
        records,
      },
    );

    const [span, alone] = recorded.take();
    expect(span).toMatchObject({
      name: 'send orders',
      kind: 'PRODUCER',
      traceId: traceId('e'),
      parentSpanId: spanId('e'),
    });
    expect(span?.attributes).toMatchObject({
      'messaging.operation.type': 'send',
      'messaging.destination.partition.id': '3',
      'kafka.offset': 9,
    });
    expect(records.map((record) => carriedBy(record)?.spanId)).toEqual([span?.spanId, alone?.spanId]);
    expect(alone?.parentSpanId).toBeUndefined();
  });
});

describe('a request', () => {
  const request = (status: number | undefined, route = '/orders/:orderId') => {
    const report: TraceCarrier & Record<string, unknown> = {
      ...from('f'),
      method: 'POST',
      route,
      scheme: 'http',
      host: '127.0.0.1:3001',
      correlationId: 'c',
    };
    const channels = tracingChannel('millrace.http.request');
    channels.start.runStores(report, () => undefined);
    if (status !== undefined) report.status = status;
    channels.asyncEnd.publish(report);
    return recorded.take();
  };

  it('is named by its route and never by its path', () => {
    expect(request(202)).toMatchObject([
      {
        name: 'POST /orders/:orderId',
        kind: 'SERVER',
        parentSpanId: spanId('f'),
        failed: false,
        attributes: {
          'http.request.method': 'POST',
          'http.route': '/orders/:orderId',
          'url.path': '/orders/:orderId',
          'url.scheme': 'http',
          'server.address': '127.0.0.1',
          'server.port': 3001,
          'http.response.status_code': 202,
        },
      },
    ]);
  });

  it.each([
    [404, false],
    [503, true],
    [undefined, false],
  ])('with status %s is recorded as failed: %s', (status, failed) => {
    expect(request(status)).toMatchObject([{ failed }]);
  });

  it('has no span if it is a probe', () => {
    expect(request(200, '/readyz')).toEqual([]);
  });
});

describe('external calls', () => {
  const call = (digit: string) => ({
    ...from(digit),
    kind: 'card-charge',
    key: `order-${digit}:pay`,
    attempt: 1,
    correlationId: 's',
  });
  const calling = tracingChannel('millrace.external-call');
  const recording = tracingChannel('millrace.external-call.record');

  it('have a span for each attempt, which includes a result that is recorded alone', async () => {
    const report = call('1');
    let active: string | undefined;
    await calling.tracePromise(
      () =>
        recording.tracePromise(async () => (active = activeSpanId()), {
          kind: 'card-charge',
          calls: [report],
        }),
      report,
    );

    const spans = recorded.take();
    expect(spans).toMatchObject([
      {
        name: 'call card-charge',
        kind: 'INTERNAL',
        parentSpanId: spanId('1'),
        attributes: { 'millrace.external_call.key': 'order-1:pay', 'millrace.external_call.attempt': 1 },
      },
    ]);
    expect(active).toBe(spans[0]?.spanId);
  });

  it('share a span, linked to each call, for results that are recorded together', async () => {
    await recording.tracePromise(() => Promise.resolve(), {
      kind: 'card-charge',
      calls: [from('2'), from('3')],
    });

    expect(recorded.take()).toMatchObject([
      { name: 'record card-charge', links: [spanId('2'), spanId('3')] },
    ]);
  });
});

describe('a saga', () => {
  it('has a span for each input inside the span of its cause, and one for each timer in the trace that set it', async () => {
    const timer = { ...from('4'), definition: 'fulfillment', sagaId: 'o', role: 'step', step: 'ship' };
    const input: TraceCarrier & Record<string, unknown> = {
      definition: 'fulfillment',
      sagaId: 'o',
      what: 'timer ship',
    };
    await tracingChannel('millrace.saga.timer').tracePromise(
      () =>
        tracingChannel('millrace.saga.input').tracePromise(
          async () => void Object.assign(input, { status: 'compensating', sent: ['compensation ship'] }),
          input,
        ),
      timer,
    );

    const [saga, fired] = recorded.take();
    expect(fired).toMatchObject({
      name: 'timer fulfillment ship',
      parentSpanId: spanId('4'),
      attributes: { 'millrace.saga.role': 'step' },
    });
    expect(saga).toMatchObject({
      name: 'saga fulfillment timer ship',
      parentSpanId: fired?.spanId,
      attributes: {
        'millrace.saga.status': 'compensating',
        'millrace.saga.steps_sent': ['compensation ship'],
      },
    });
    expect(carriedBy(input)?.spanId).toBe(saga?.spanId);
  });
});

describe('a report that cannot be understood', () => {
  it('costs a span but not the operation', async () => {
    expect(await tracingChannel('millrace.relay.send').tracePromise(() => Promise.resolve('sent'), {})).toBe(
      'sent',
    );
    expect(channel('millrace.trace.resume').runStores({ traceparent: 'nonsense' }, () => 'done')).toBe(
      'done',
    );
    expect(recorded.take()).toEqual([]);
  });
});
