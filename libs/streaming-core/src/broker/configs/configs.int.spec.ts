import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogManager } from '../../log/log-manager.ts';
import { alterConfigs } from '../../protocol/apis/alter-configs.ts';
import { describeConfigs } from '../../protocol/apis/describe-configs.ts';
import { incrementalAlterConfigs } from '../../protocol/apis/incremental-alter-configs.ts';
import { errorCodes, type ErrorName } from '../../protocol/errors.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';
import { batchOf, brokerFixture, makeTopic, produceBatch, type BrokerFixture } from '../broker.fixture.ts';

let fixture: BrokerFixture;
let client: WireClient;
const newTopic = () => `t-${randomUUID()}`;
const topicType = 2;
const brokerType = 4;
const set = 0;
const remove = 1;
const append = 2;
const subtract = 3;

beforeAll(async () => {
  fixture = await brokerFixture({ properties: { 'log.retention.hours': '2', 'num.partitions': '3' } });
  client = await fixture.client();
});
afterAll(() => fixture.stop());

type Change = readonly [name: string, operation: number, value: string | null];

async function alter(
  resourceName: string,
  changes: readonly Change[],
  { resourceType = topicType, validateOnly = false } = {},
) {
  const configs = changes.map(([name, configOperation, value]) => ({ name, configOperation, value }));
  return (
    await client.send(incrementalAlterConfigs, 1, {
      resources: [{ resourceType, resourceName, configs }],
      validateOnly,
    })
  ).responses[0]!;
}

async function describeAll(
  resourceName: string,
  keys: readonly string[] | null,
  { resourceType = topicType, version = 4 } = {},
) {
  const resources = [{ resourceType, resourceName, configurationKeys: keys }];
  return (
    await client.send(describeConfigs, version, {
      resources,
      includeSynonyms: true,
      includeDocumentation: version >= 3,
    })
  ).results[0]!;
}

const valuesOf = async (topic: string, ...keys: readonly string[]) =>
  Object.fromEntries((await describeAll(topic, keys)).configs.map(({ name, value }) => [name, value]));

describe('DescribeConfigs', () => {
  it.each([1, 2, 3, 4])(
    "v%i tells a topic's values, where they come from, and what stands behind them",
    async (version) => {
      const topic = newTopic();
      await makeTopic(client, topic, { 'max.message.bytes': '2000000' });
      const { configs, errorCode } = await describeAll(
        topic,
        ['max.message.bytes', 'retention.ms', 'unknown'],
        { version },
      );
      expect(errorCode).toBe(0);
      expect(configs.map(({ name, value, configSource }) => [name, value, configSource])).toEqual([
        ['max.message.bytes', '2000000', 1],
        ['retention.ms', '7200000', 5], // as Kafka tells what was set in hours
      ]);
      expect(configs[1]!.synonyms).toEqual([]);
      expect(configs[0]!.synonyms).toEqual([
        { name: 'max.message.bytes', value: '2000000', source: 1 },
        { name: 'message.max.bytes', value: '1048588', source: 5 },
      ]);
      if (version >= 3)
        expect(configs[0]).toMatchObject({ configType: 3, documentation: expect.stringMatching(/batch/) });
    },
  );

  it('documents every config of a topic and of the broker', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    for (const [name, resourceType] of [
      [topic, topicType],
      ['1', brokerType],
    ] as const) {
      // prettier-ignore
      const { configs } = await describeAll(name, null, { resourceType });
      expect(configs.length).toBeGreaterThan(25);
      expect(configs.filter(({ documentation }) => (documentation ?? '').length < 10)).toEqual([]);
    }
  });

  it('tells how the broker was set up, in the order of the names', async () => {
    const { configs } = await describeAll('1', ['num.partitions', 'fetch.max.bytes', 'log.dirs', 'node.id'], {
      resourceType: brokerType,
    });
    expect(configs).toMatchObject([
      { name: 'fetch.max.bytes', value: '57671680', configSource: 5 },
      { name: 'log.dirs', value: fixture.dataFolder },
      { name: 'node.id', value: '1' },
      { name: 'num.partitions', value: '3', configSource: 4, readOnly: true },
    ]);
    expect((await describeAll('', null, { resourceType: brokerType })).configs).toEqual([]);
  });

  it.each<[string, string, number, ErrorName]>([
    ['an unknown topic', 'nowhere', topicType, 'UNKNOWN_TOPIC_OR_PARTITION'],
    ['an illegal topic name', 'no/where', topicType, 'INVALID_TOPIC_EXCEPTION'],
    ['another broker', '2', brokerType, 'INVALID_REQUEST'],
    ['a type that there is not', 'x', 99, 'INVALID_REQUEST'],
    ['a group without a name', '', 32, 'INVALID_REQUEST'],
  ])('refuses %s', async (_what, name, resourceType, error) => {
    expect(await describeAll(name, null, { resourceType })).toMatchObject({
      errorCode: errorCodes[error],
      configs: [],
    });
  });

  it.each([8, 16, 32])('knows no configs of type %i', async (resourceType) => {
    expect(await describeAll('1', null, { resourceType })).toMatchObject({ errorCode: 0, configs: [] });
  });
});

describe('the size of segments', () => {
  it.each(['1000', '1048575'])('is 1 MiB at least, as in Apache Kafka 4: %s is refused', async (value) => {
    const topic = newTopic();
    await makeTopic(client, topic);
    expect(await alter(topic, [['segment.bytes', set, value]])).toMatchObject({
      errorCode: errorCodes.INVALID_CONFIG,
    });
    expect(await alter(topic, [['segment.bytes', set, '1048576']])).toMatchObject({ errorCode: 0 });
    const broker = {
      resourceType: brokerType,
      resourceName: '',
      configs: [{ name: 'log.segment.bytes', value, configOperation: set }],
    };
    const { responses } = await client.send(incrementalAlterConfigs, 1, {
      resources: [broker],
      validateOnly: true,
    });
    expect(responses).toMatchObject([{ errorCode: errorCodes.INVALID_REQUEST }]);
  });

  it('may be small for tests under the name that Apache Kafka has for them, which is told where it is set', async () => {
    const small = newTopic();
    const usual = newTopic();
    await makeTopic(client, small, { 'internal.segment.bytes': '200' });
    await makeTopic(client, usual);
    for (let index = 0; index < 3; index += 1)
      await produceBatch(client, { topic: small }, batchOf(['x'.repeat(50)]));
    expect(
      (await readdir(join(fixture.dataFolder, `${small}-0`))).filter((name) => name.endsWith('.log')),
    ).toHaveLength(3);
    expect(await valuesOf(small, 'segment.bytes', 'internal.segment.bytes')).toEqual({
      'segment.bytes': '1073741824',
      'internal.segment.bytes': '200',
    });
    expect(await valuesOf(usual, 'internal.segment.bytes')).toEqual({});
  });

  it('that an earlier release took stays, and other configs of the topic can be changed', async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'millrace-configs-'));
    const logs = await createLogManager({ dataFolder });
    await logs.createTopic({ name: 'earlier', partitions: 1, configs: new Map([['segment.bytes', '600']]) });
    await logs.close();
    const started = await brokerFixture({ dataFolder });
    try {
      const configs = [{ name: 'retention.ms', value: '5000', configOperation: set }];
      const resources = [{ resourceType: topicType, resourceName: 'earlier', configs }];
      const { responses } = await (
        await started.client()
      ).send(incrementalAlterConfigs, 1, { resources, validateOnly: false });
      expect(responses).toMatchObject([{ errorCode: 0 }]);
    } finally {
      await started.stop();
      await rm(dataFolder, { recursive: true, force: true });
    }
  });
});

describe('IncrementalAlterConfigs', () => {
  it('sets and removes; a removed config has the default of the broker again', async () => {
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

  it('adds to a list and takes from it, from its default on', async () => {
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

  it('takes effect at once', async () => {
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

  it('loses none of several changes at once', async () => {
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
    ['an impossible value', [['segment.ms', set, 'long']], 'INVALID_CONFIG'],
    ['adding to what is no list', [['retention.ms', append, '5']], 'INVALID_CONFIG'],
    ['adding what cannot be in the list', [['cleanup.policy', append, 'forget']], 'INVALID_CONFIG'],
    ['adding nothing to a list', [['cleanup.policy', append, '']], 'INVALID_CONFIG'],
    ['no value', [['segment.ms', set, null]], 'INVALID_REQUEST'],
    ['an unknown operation', [['segment.ms', 9, '5']], 'INVALID_REQUEST'],
    ['a config twice', [['segment.ms', set, '5'], ['segment.ms', set, '6']], 'INVALID_REQUEST'], // prettier-ignore
  ])('refuses %s, and then changes nothing', async (_what, changes, error) => {
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

  it('changes nothing when it only validates', async () => {
    const topic = newTopic();
    await makeTopic(client, topic);
    expect(await alter(topic, [['segment.ms', set, '1234']], { validateOnly: true })).toMatchObject({
      errorCode: 0,
    });
    expect(await valuesOf(topic, 'segment.ms')).toEqual({ 'segment.ms': '604800000' });
  });

  it('refuses a resource that stands twice, and one that is not there, each for itself', async () => {
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

  it.each([8, 32, 99])('refuses configs of type %i, which are not changed here', async (resourceType) => {
    expect(await alter('1', [['log.retention.ms', set, '1']], { resourceType })).toMatchObject({
      errorCode: errorCodes.INVALID_REQUEST,
    });
  });
});

describe('AlterConfigs', () => {
  it.each([0, 1, 2])('v%i replaces everything that was set', async (version) => {
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
