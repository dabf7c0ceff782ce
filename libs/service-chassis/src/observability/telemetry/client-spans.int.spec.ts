import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { metrics, trace, type Attributes, type Meter } from '@opentelemetry/api';
import {
  connectAdmin,
  connectConsumer,
  connectProducer,
  type ConnectionOptions,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { observeClients } from './client-spans.ts';
import { recordSpans } from './recorded-spans.fixture.ts';

interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly attributes: Attributes | undefined;
}

const measured: Measurement[] = [];
const instrument = (name: string) => {
  const record = (value: number, attributes?: Attributes) => void measured.push({ name, value, attributes });
  return { record, add: record };
};
const meter = { createHistogram: instrument, createCounter: instrument } as Partial<Meter> as Meter;

let broker: TestBroker;
let recorded: ReturnType<typeof recordSpans>;
beforeAll(async () => {
  recorded = recordSpans();
  metrics.setGlobalMeterProvider({ getMeter: () => meter });
  broker = await startTestBroker();
});
afterAll(async () => {
  recorded.stop();
  metrics.disable();
  await broker.stop();
});

describe('a program that observes its clients', () => {
  it('Q02 has spans and measurements of sends, polls, processing and commits', async () => {
    const client: ConnectionOptions = {
      bootstrapServers: [broker.bootstrapServers],
      clientId: 'shop',
      logger: silentLogger,
    };
    const server = {
      'messaging.system.name': 'kafka',
      'messaging.client.id': 'shop',
      'server.address': '127.0.0.1',
      'server.port': Number(broker.bootstrapServers.split(':')[1]),
    };
    const ofGroup = { ...server, 'messaging.consumer.group.name': 'shipping' };
    const admin = connectAdmin(client);
    await admin.topics.create([{ name: 'orders', partitions: 1 }]);
    await admin.close();
    recorded.take();
    const stop = observeClients();
    await trace.getTracer('test').startActiveSpan('the request', async (request) => {
      await using producer = connectProducer(client);
      await producer.send([{ topic: 'orders', key: null, value: 'a' }]);
      request.end();
    });
    {
      await using consumer = connectConsumer({
        ...client,
        groupId: 'shipping',
        topics: ['orders'],
        autoOffsetReset: 'earliest',
        autoCommit: false,
      });
      for await (const record of consumer) {
        await consumer.commit(record);
        break;
      }
    }
    stop();
    await using unseen = connectProducer(client);
    await unseen.send([{ topic: 'orders', key: null, value: 'b' }]);

    const spans = recorded.take();
    const named = (name: string) => spans.filter((span) => span.name === name);
    const [request] = named('the request');
    const [sent, ...others] = named('send orders');
    expect(others).toEqual([]);
    expect(sent).toMatchObject({
      kind: 'PRODUCER',
      traceId: request?.traceId,
      parentSpanId: request?.spanId,
    });
    expect(sent?.attributes).toEqual({
      ...server,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'orders',
      'messaging.destination.partition.id': '0',
      'messaging.message.body.size': 1,
      'kafka.offset': 0,
    });
    expect(named('poll orders')).toMatchObject([
      { kind: 'CLIENT', attributes: { ...ofGroup, 'messaging.batch.message_count': 1 } },
    ]);
    expect(named('process orders')).toMatchObject([
      {
        kind: 'CONSUMER',
        traceId: request?.traceId,
        parentSpanId: sent?.spanId,
        attributes: {
          ...ofGroup,
          'messaging.operation.type': 'process',
          'messaging.destination.partition.id': '0',
          'kafka.offset': 0,
        },
      },
    ]);
    expect(named('commit orders')).toMatchObject([
      { kind: 'CLIENT', attributes: { ...ofGroup, 'messaging.operation.type': 'settle' } },
    ]);
    const operations = measured
      .filter(({ name }) => name === 'messaging.client.operation.duration')
      .map(({ attributes }) => attributes?.['messaging.operation.name']);
    expect(new Set(operations)).toEqual(new Set(['send', 'poll', 'commit']));
    for (const name of ['messaging.client.sent.messages', 'messaging.client.consumed.messages'])
      expect(measured).toContainEqual({
        name,
        value: 1,
        attributes: expect.objectContaining({ ...server, 'messaging.destination.name': 'orders' }),
      });
    expect(measured).toContainEqual({
      name: 'messaging.process.duration',
      value: expect.any(Number),
      attributes: expect.objectContaining({ ...ofGroup, 'messaging.destination.name': 'orders' }),
    });
  });

  it('has the code of the error of an operation that failed', async () => {
    const stop = observeClients();
    await using producer = connectProducer({
      bootstrapServers: ['127.0.0.1:1'],
      clientId: 'shop',
      deliveryTimeoutMs: 20,
      retryDelayMsMin: 1,
      logger: silentLogger,
    });
    await expect(producer.send([{ topic: 'orders', key: null, value: 'c' }])).rejects.toThrow();
    stop();

    expect(recorded.take()).toMatchObject([
      { name: 'send orders', failed: true, attributes: { 'error.type': 'unreachable' } },
    ]);
  });
});
