import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogManager } from '../../log/log-manager.ts';
import { incrementalAlterConfigs } from '../../protocol/apis/configs.ts';
import { errorCodes, type ErrorName } from '../../protocol/errors.ts';
import type { WireClient } from '../../protocol/testing/wire-client.ts';
import { batchOf, brokerFixture, makeTopic, produceBatch, type BrokerFixture } from '../broker.fixture.ts';
import { brokerType, configRequests, set, topicType } from './configs.fixture.ts';

let fixture: BrokerFixture;
let client: WireClient;
const newTopic = () => `t-${randomUUID()}`;
const { alter, describeAll, valuesOf } = configRequests(() => client);

beforeAll(async () => {
  fixture = await brokerFixture({ properties: { 'log.retention.hours': '2', 'num.partitions': '3' } });
  client = await fixture.client();
});
afterAll(() => fixture.stop());

describe('DescribeConfigs', () => {
  it.each([1, 2, 3, 4])("v%i returns a topic's values with their sources and synonyms", async (version) => {
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
      ['retention.ms', '7200000', 5], // as Kafka shows a value set in hours
    ]);
    expect(configs[1]!.synonyms).toEqual([]);
    expect(configs[0]!.synonyms).toEqual([
      { name: 'max.message.bytes', value: '2000000', source: 1 },
      { name: 'message.max.bytes', value: '1048588', source: 5 },
    ]);
    if (version >= 3)
      expect(configs[0]).toMatchObject({ configType: 3, documentation: expect.stringMatching(/batch/) });
  });

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

  it('returns how the broker was set up, in order of the names', async () => {
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
    ['an unknown resource type', 'x', 99, 'INVALID_REQUEST'],
    ['a group without an id', '', 32, 'INVALID_REQUEST'],
  ])('rejects %s', async (_what, name, resourceType, error) => {
    expect(await describeAll(name, null, { resourceType })).toMatchObject({
      errorCode: errorCodes[error],
      configs: [],
    });
  });

  it.each([8, 16, 32])('returns no configs for resource type %i', async (resourceType) => {
    expect(await describeAll('1', null, { resourceType })).toMatchObject({ errorCode: 0, configs: [] });
  });
});

describe('the segment size', () => {
  it.each(['1000', '1048575'])('is at least 1 MiB, as in Apache Kafka 4: %s is rejected', async (value) => {
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

  it('may be smaller under the name that Apache Kafka has for tests, which is shown where it is set', async () => {
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

  it('keeps a small value from an earlier release, and other configs of the topic can be changed', async () => {
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
