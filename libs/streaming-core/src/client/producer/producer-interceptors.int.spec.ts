import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { ClientError } from '../client-error.ts';
import type { ProducerRecord } from '../types.ts';
import type { ProducerInterceptor } from './producer-interceptors.ts';
import { connectProducer } from './producer.ts';
import { startScriptedBroker, type Script } from './scripted-broker.fake.ts';

const closes: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closes.splice(0).reverse()) await close();
});

const warnings: string[] = [];
const logger = { ...silentLogger, warn: (_fields: object, message: string) => void warnings.push(message) };
const record = (value: string, partition = 0): ProducerRecord => ({
  topic: 'orders',
  key: null,
  value,
  partition,
});

async function intercepted(
  interceptors: readonly ProducerInterceptor[],
  judge: Script['judge'] = ({ partition }) => (partition === 0 ? 'NONE' : 'POLICY_VIOLATION'),
) {
  const broker = await startScriptedBroker({ topic: 'orders', partitions: 2, topicId: randomUUID(), judge });
  const producer = connectProducer({
    bootstrapServers: broker.bootstrapServers,
    clientId: 'intercepted',
    logger,
    interceptors,
  });
  closes.push(broker.close, () => producer.close());
  warnings.length = 0;
  return { producer, written: () => broker.seen.map(({ values }) => values.join(',')) };
}

/** Appends its name to each value, and keeps the results that it sees. */
function appending(name: string, told: string[] = []): ProducerInterceptor & { readonly told: string[] } {
  return {
    told,
    onSend: (given) => ({ ...given, value: `${String(given.value)}${name}` }),
    onAcknowledgement: (result, { value }) =>
      void told.push(
        `${name} ${String(value)} ${result instanceof ClientError ? result.code : result.partition}`,
      ),
  };
}

describe('Q03 the interceptors of a producer', () => {
  it('change each record before it is sent, in their order, and not the one of the caller', async () => {
    const { producer, written } = await intercepted([appending('1'), appending('2')]);
    const records = [Object.freeze(record('a'))];
    await producer.send(records);
    producer.post([record('b')]);
    await producer.flush();

    expect(written()).toEqual(['a12', 'b12']);
    expect(records).toEqual([record('a')]);
  });

  it('see the result of each record, in their order', async () => {
    const told: string[] = [];
    const { producer } = await intercepted([appending('1', told), appending('2', told)]);
    await expect(producer.send([record('a'), record('b', 1)])).rejects.toThrow('POLICY_VIOLATION');

    expect(told.sort()).toEqual(['1 a12 0', '1 b12 broker_error', '2 a12 0', '2 b12 broker_error']);
  });

  it('see the results of post, whose callback gets the record of its caller', async () => {
    const told: string[] = [];
    const { producer } = await intercepted([appending('1', told)]);
    const records = [record('a'), record('b', 1)];
    const delivered: unknown[] = [];
    producer.post(records, (error, place, given) => delivered.push([error?.code ?? place?.partition, given]));
    await producer.flush();

    expect(told.sort()).toEqual(['1 a1 0', '1 b1 broker_error']);
    expect(delivered).toEqual(
      expect.arrayContaining([
        [0, records[0]],
        ['broker_error', records[1]],
      ]),
    );
  });

  it('see the error of a call that sends nothing, once for each record', async () => {
    const told: string[] = [];
    const { producer, written } = await intercepted([appending('1', told)]);
    await expect(producer.send([record('a'), { ...record('b'), topic: 'a/b' }])).rejects.toMatchObject({
      code: 'record_invalid',
    });

    expect(told).toEqual(['1 a1 record_invalid', '1 b1 record_invalid']);
    expect(written()).toEqual([]);
  });

  it('that throw are logged and passed over, and fail no send', async () => {
    const broken: ProducerInterceptor = {
      onSend() {
        throw new Error('broken');
      },
      onAcknowledgement() {
        throw new Error('broken');
      },
    };
    const last = appending('2');
    const { producer, written } = await intercepted([appending('1'), broken, last]);

    await expect(producer.send([record('a')])).resolves.toHaveLength(1);
    expect(written()).toEqual(['a12']);
    expect(last.told).toEqual(['2 a12 0']);
    expect(warnings).toEqual([
      expect.stringContaining('interceptor'),
      expect.stringContaining('interceptor'),
    ]);
  });
});
