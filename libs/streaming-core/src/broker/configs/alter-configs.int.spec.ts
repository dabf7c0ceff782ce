import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { alterConfigs, incrementalAlterConfigs } from '../../protocol/apis/configs.ts';
import { errorCodes, type ErrorName } from '../../protocol/errors.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';
import { batchOf, brokerFixture, makeTopic, produceBatch, type BrokerFixture } from '../broker.fixture.ts';
import { append, configRequests, remove, set, subtract, topicType, type Change } from './configs.fixture.ts';

let fixture: BrokerFixture;
let client: WireClient;
const newTopic = () => `t-${randomUUID()}`;
const { alter, valuesOf } = configRequests(() => client);

beforeAll(async () => {
  fixture = await brokerFixture({ properties: { 'log.retention.hours': '2', 'num.partitions': '3' } });
  client = await fixture.client();
});
afterAll(() => fixture.stop());

describe('IncrementalAlterConfigs', () => {
  it('sets and removes configs, and falls back to the broker default after a removal', async () => {
    const topic = newTopic();
    await makeTopic(client, topic, { 'segment.bytes': '2000000' });
    const changes: Change[] = [['retention.ms', set, '5000'], ['segment.bytes', remove, null], ['nothing', remove, null]]; // prettier-ignore
    expect(await alter(topic, changes)).toMatchObject({ errorCode: 0, errorMessage: null });
    expect(await valuesOf(topic, 'retention.ms', 'segment.bytes')).toEqual({
      'retention.ms': '5000',
      'segment.bytes': '1073741824',
    });
    await alter(topic, [['retention.ms', remove, null]]);
    expect(await valuesOf(topic, 'retention.ms')).toEqual({ 'retention.ms': '7200000' });
  });

  it('appends to a list and subtracts from it, beginning with its default', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const steps: Array<[number, string, string]> = [
      [append, 'compact', 'delete,compact'],
      [append, 'compact', 'delete,compact'],
      [subtract, 'delete', 'compact'],
      [subtract, 'delete,compact', ''],
      [append, 'delete', 'delete'],
    ];
    for (const [operation, value, expected] of steps) {
      expect(await alter(topic, [['cleanup.policy', operation, value]])).toMatchObject({ errorCode: 0 });
      expect(await valuesOf(topic, 'cleanup.policy')).toEqual({ 'cleanup.policy': expected });
    }
  });

  it('L48 takes effect at once', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    await alter(topic, [['max.message.bytes', set, '100']]);
    expect(await produceBatch(client, { topic }, batchOf(['x'.repeat(200)]))).toMatchObject({
      errorCode: errorCodes.MESSAGE_TOO_LARGE,
    });
    await alter(topic, [['max.message.bytes', remove, null], ['min.insync.replicas', set, '2']]); // prettier-ignore
    expect(await produceBatch(client, { topic }, batchOf(['x'.repeat(200)]))).toMatchObject({
      errorCode: errorCodes.NOT_ENOUGH_REPLICAS,
    });
    expect(await produceBatch(client, { topic, acks: 1 }, batchOf(['x'.repeat(200)]))).toMatchObject({
      errorCode: 0,
    });
  });

  it('L48 loses none of several concurrent changes', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const others = await Promise.all([fixture.client(), fixture.client(), fixture.client()]);
    const names = ['retention.ms', 'segment.ms', 'max.message.bytes'];
    await Promise.all(
      others.map((other, index) => {
        const configs = [{ name: names[index]!, configOperation: set, value: '77777' }];
        return other.send(incrementalAlterConfigs, 0, {
          resources: [{ resourceType: topicType, resourceName: topic, configs }],
          validateOnly: false,
        });
      }),
    );
    expect(Object.values(await valuesOf(topic, ...names))).toEqual(['77777', '77777', '77777']);
  });

  it.each<[string, Change[], ErrorName]>([
    ['an unknown config', [['nothing', set, '1']], 'INVALID_CONFIG'],
    ['an invalid value', [['segment.ms', set, 'long']], 'INVALID_CONFIG'],
    ['an append to a config that is not a list', [['retention.ms', append, '5']], 'INVALID_CONFIG'],
    ['an append of an invalid item', [['cleanup.policy', append, 'forget']], 'INVALID_CONFIG'],
    ['an append of nothing', [['cleanup.policy', append, '']], 'INVALID_CONFIG'],
    ['no value', [['segment.ms', set, null]], 'INVALID_REQUEST'],
    ['an unknown operation', [['segment.ms', 9, '5']], 'INVALID_REQUEST'],
    ['a config that is named twice', [['segment.ms', set, '5'], ['segment.ms', set, '6']], 'INVALID_REQUEST'], // prettier-ignore
  ])('L48 rejects %s and then changes nothing', async (_what, changes, error) => {
    const topic = newTopic();
    await makeTopic(client, topic);
    const all: Change[] = [['max.message.bytes', set, '4321'], ...changes];
    expect(await alter(topic, all, { validateOnly: true })).toMatchObject({ errorCode: errorCodes[error] });
    expect(await alter(topic, all)).toMatchObject({
      errorCode: errorCodes[error],
      errorMessage: expect.any(String),
    });
    expect(await valuesOf(topic, 'max.message.bytes')).toEqual({ 'max.message.bytes': '1048588' });
  });

  it('changes nothing with validateOnly', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    expect(await alter(topic, [['segment.ms', set, '1234']], { validateOnly: true })).toMatchObject({
      errorCode: 0,
    });
    expect(await valuesOf(topic, 'segment.ms')).toEqual({ 'segment.ms': '604800000' });
  });

  it('rejects a resource that is named twice and an unknown one, independently of the others', async () => {
    const topic = newTopic();
    const other = newTopic();
    for (const name of [topic, other]) await makeTopic(client, name);
    const configs = [{ name: 'segment.ms', configOperation: set, value: '1234' }];
    const names = [topic, topic, 'nowhere', 'no/where', '', other];
    const { responses } = await client.send(incrementalAlterConfigs, 1, {
      resources: names.map((resourceName) => ({ resourceType: topicType, resourceName, configs })),
      validateOnly: false,
    });
    const { INVALID_REQUEST, UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION } = errorCodes;
    expect(responses.map(({ errorCode }) => errorCode)).toEqual([
      INVALID_REQUEST,
      INVALID_REQUEST,
      UNKNOWN_TOPIC_OR_PARTITION,
      INVALID_TOPIC_EXCEPTION,
      INVALID_REQUEST,
      0,
    ]);
  });

  it.each([8, 32, 99])('rejects resource type %i, which has no configs to change', async (resourceType) => {
    expect(await alter('1', [['log.retention.ms', set, '1']], { resourceType })).toMatchObject({
      errorCode: errorCodes.INVALID_REQUEST,
    });
  });
});

describe('AlterConfigs', () => {
  it.each([0, 1, 2])('v%i replaces all configs that were set', async (version) => {
    const topic = newTopic();
    await makeTopic(client, topic, { 'segment.ms': '5000' });
    const replace = async (configs: Array<{ name: string; value: string | null }>) =>
      (
        await client.send(alterConfigs, version, {
          resources: [{ resourceType: topicType, resourceName: topic, configs }],
          validateOnly: false,
        })
      ).responses[0]!.errorCode;
    expect(await replace([{ name: 'max.message.bytes', value: '2000000' }])).toBe(0);
    expect(await valuesOf(topic, 'segment.ms', 'max.message.bytes')).toEqual({
      'segment.ms': '604800000',
      'max.message.bytes': '2000000',
    });
    expect(await replace([{ name: 'segment.ms', value: null }])).toBe(errorCodes.INVALID_REQUEST);
    expect(await replace([{ name: 'nothing', value: '1' }])).toBe(errorCodes.INVALID_CONFIG);
  });
});
