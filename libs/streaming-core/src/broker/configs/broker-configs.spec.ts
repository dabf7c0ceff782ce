import { describe, expect, it } from '@jest/globals';
import { readBrokerConfigs } from './broker-configs.ts';
import { unservedConfigs } from './unserved-configs.ts';

describe("a broker's configs under Kafka's names", () => {
  it('reach the component that acts on them, in its unit', () => {
    const configs = readBrokerConfigs({
      'log.segment.bytes': '1048576',
      'connections.max.idle.ms': '5000',
      'offsets.retention.minutes': '2',
      'auto.create.topics.enable': 'true',
      'log.cleaner.enable': 'false',
      'num.partitions': ' 3 ',
    });
    expect(Object.fromEntries(configs.topicDefaults)).toEqual({ 'segment.bytes': '1048576' });
    expect(configs).toMatchObject({
      limits: { idleMsMax: 5_000 },
      groups: { offsetsRetentionMs: 120_000 },
      logs: { cleanerEnabled: false },
    });
    expect(configs).toMatchObject({ autoCreateTopics: true, defaultPartitions: 3 });
  });

  it('may be words and lists', () => {
    const { topicDefaults } = readBrokerConfigs({
      'log.cleanup.policy': 'compact,delete',
      'log.message.timestamp.type': 'LogAppendTime',
    });
    expect(topicDefaults.get('cleanup.policy')).toEqual('compact,delete');
    expect(topicDefaults.get('message.timestamp.type')).toEqual('LogAppendTime');
  });

  it.each([
    [{ 'log.retention.hours': '2' }, '7200000'],
    [{ 'log.retention.minutes': '3', 'log.retention.hours': '2' }, '180000'],
    [{ 'log.retention.ms': '4', 'log.retention.minutes': '3', 'log.retention.hours': '2' }, '4'],
    [{ 'log.retention.hours': '-1' }, '-1'],
  ])('use the finest unit among %j', (properties: Record<string, string>, retentionMs) => {
    expect(readBrokerConfigs(properties).topicDefaults.get('retention.ms')).toBe(retentionMs);
  });

  it.each([
    [{}, 1],
    [{ 'node.id': '0' }, 0],
    [{ 'broker.id': '3' }, 3],
    [{ 'broker.id': '3', 'node.id': '4' }, 4],
  ])('with %j give the broker this node id: %i', (properties: Record<string, string>, nodeId) => {
    const configs = readBrokerConfigs(properties);
    expect(configs.nodeId).toBe(nodeId);
    expect(configs.entries.filter(({ name }) => /^(node|broker)\.id$/.test(name))).toMatchObject([
      { value: `${nodeId}` },
      { value: `${nodeId}` },
    ]);
  });

  it('with invalid values are reported under the name that was given', () => {
    expect(() => readBrokerConfigs({ 'node.id': '-1' })).toThrow(
      /^node\.id=-1 is invalid: give an integer from 0 to 2147483647$/,
    );
  });

  it('are listed with their current values', () => {
    const { entries } = readBrokerConfigs({ 'num.partitions': '6' });
    expect(entries.find(({ name }) => name === 'num.partitions')).toMatchObject({
      value: '6',
      source: 4,
      readOnly: true,
    });
    expect(entries.find(({ name }) => name === 'message.max.bytes')).toMatchObject({
      value: '1048588',
      source: 5,
      readOnly: false,
      topicConfig: 'max.message.bytes',
    });
  });

  it("include those for Kafka's own tests, which are shown where they were set", () => {
    const name = 'producer.id.expiration.check.interval.ms';
    const set = readBrokerConfigs({ [name]: '500', 'producer.id.expiration.ms': '5000' });
    expect(set.logs).toEqual({ producerIdExpirationCheckIntervalMs: 500, producerIdExpirationMs: 5_000 });
    expect(set.entries.find((entry) => entry.name === name)).toMatchObject({ value: '500', readOnly: true });
    const names = readBrokerConfigs({}).entries.map((entry) => entry.name);
    expect(names.includes(name)).toEqual(false);
    expect(names.includes('producer.id.expiration.ms')).toEqual(true);
  });

  it('that Kafka knows are never reported as misspelt, and are in one list only', () => {
    const served = new Set(readBrokerConfigs({}).entries.map(({ name }) => name));
    expect([...unservedConfigs.withoutEffect].filter((name) => served.has(name))).toEqual([]);
    expect(unservedConfigs.withoutEffect.size).toBeGreaterThan(150);
  });

  it('that set the throttle of a reassignment are not reported as misspelt either', () => {
    const throttles = [
      'leader.replication.throttled.rate',
      'follower.replication.throttled.rate',
      'replica.alter.log.dirs.io.max.bytes.per.second',
    ];
    expect(
      readBrokerConfigs(Object.fromEntries(throttles.map((name) => [name, '1000']))).withoutEffect,
    ).toEqual(throttles);
  });

  it('that only matter in a cluster are ignored, and listed as such', () => {
    expect(
      readBrokerConfigs({ 'process.roles': 'broker,controller', 'num.io.threads': '8' }).withoutEffect,
    ).toEqual(['process.roles', 'num.io.threads']);
  });

  it.each([
    ['log.retention.hour', '1', /log\.retention\.hour is not a broker config/],
    ['zookeeper.connect', 'localhost:2181', /zookeeper\.connect: Apache Kafka removed it in 4\.0/],
    ['num.partitions', '0', /num\.partitions=0 is invalid: give an integer from 1/],
    ['num.partitions', '100001', /num\.partitions=100001 is invalid: give an integer from 1 to 100000/],
    [
      'offsets.topic.num.partitions',
      '100001',
      /offsets\.topic\.num\.partitions=100001 is invalid: give an integer from 1 to 100000/,
    ],
    [
      'transaction.state.log.num.partitions',
      '100001',
      /num\.partitions=100001 is invalid: give an integer from 1 to 100000/,
    ],
    ['default.replication.factor', '3', /default\.replication\.factor=3 is invalid/],
    ['sasl.enabled.mechanisms', 'PLAIN', /plaintext only; for TLS and SASL run Apache Kafka/],
    ['constructor', '1', /constructor is not a broker config/],
  ])('reject %s=%s', (name, value, message) => {
    expect(() => readBrokerConfigs({ [name]: value })).toThrow(message);
  });

  it('report all problems at once', () => {
    expect(() => readBrokerConfigs({ a: '1', 'num.partitions': 'x' })).toThrow(
      /a is not a broker config.*num\.partitions=x/,
    );
  });
});
