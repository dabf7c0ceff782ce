import { describe, expect, it } from '@jest/globals';
import { serdes } from '../serdes/serdes.ts';
import type { StoreSpec } from '../state/store-spec.ts';
import { internalTopicsOf } from './internal-topics.ts';

const common = {
  name: 'counts',
  keySerde: serdes.bytes,
  valueSerde: serdes.bytes,
  caching: false,
  logConfigs: {},
  inMemory: false,
};
const keyValue: StoreSpec = { ...common, kind: 'key_value', timestamped: true };
const windows: StoreSpec = {
  ...common,
  kind: 'window',
  timestamped: true,
  retentionMs: 360_000,
  windowSizeMs: 300_000,
  retainDuplicates: false,
  emitsOnClose: false,
};

const configsOf = (store: StoreSpec, replicationFactor?: number) => {
  const topics = {
    subTopologies: [
      { id: 0, sources: ['a'], sinks: ['app-r-repartition'], changelogs: [] },
      {
        id: 1,
        sources: ['app-r-repartition'],
        sinks: [],
        changelogs: [{ topic: 'app-counts-changelog', store }],
      },
    ],
    repartitions: new Map([['app-r-repartition', undefined]]),
    copartitioned: [],
  };
  const counts = new Map([
    ['a', 3],
    ['app-r-repartition', 3],
  ]);
  return internalTopicsOf(topics, counts, replicationFactor);
};

describe('the internal topics of an application', () => {
  it('are a repartition topic that keeps everything, and a compacted changelog', () => {
    expect(configsOf(keyValue)).toEqual([
      {
        name: 'app-r-repartition',
        partitions: 3,
        configs: {
          'message.timestamp.type': 'CreateTime',
          'cleanup.policy': 'delete',
          'segment.bytes': '52428800',
          'retention.ms': '-1',
        },
      },
      {
        name: 'app-counts-changelog',
        partitions: 3,
        configs: { 'message.timestamp.type': 'CreateTime', 'cleanup.policy': 'compact' },
      },
    ]);
  });

  it('keep windows one day longer than the store does', () => {
    expect(configsOf(windows)[1]?.configs).toEqual({
      'message.timestamp.type': 'CreateTime',
      'cleanup.policy': 'compact,delete',
      'retention.ms': '86760000',
    });
    expect(
      configsOf({ ...common, kind: 'session', retentionMs: 60_000, emitsOnClose: false })[1]?.configs,
    ).toMatchObject({ 'cleanup.policy': 'compact,delete', 'retention.ms': '86460000' });
  });

  it('do not compact the windows of a stream join, whatever the options say', () => {
    const joined = { ...windows, retainDuplicates: true, logConfigs: { 'cleanup.policy': 'compact' } };

    expect(configsOf(joined)[1]?.configs).toMatchObject({
      'cleanup.policy': 'delete',
      'retention.ms': '86760000',
    });
  });

  it('compact the changelog of a suppress buffer', () => {
    const { name, keySerde, valueSerde, logConfigs } = common;

    expect(
      configsOf({ kind: 'suppress_buffer', name, keySerde, valueSerde, logConfigs, hasOwnLimits: false })[1]
        ?.configs,
    ).toMatchObject({ 'cleanup.policy': 'compact' });
  });

  it('limit a retention that is too long for the broker', () => {
    expect(configsOf({ ...windows, retentionMs: 2 ** 63 })[1]?.configs).toMatchObject({
      'retention.ms': '9223372036854775807',
    });
  });

  it('take the configs of the store, and the number of replicas of the application', () => {
    const [repartition, changelog] = configsOf(
      { ...windows, logConfigs: { 'segment.bytes': '2', 'cleanup.policy': 'delete' } },
      3,
    );

    expect(repartition).toMatchObject({ replicationFactor: 3 });
    expect(changelog).toMatchObject({
      replicationFactor: 3,
      configs: { 'segment.bytes': '2', 'cleanup.policy': 'delete', 'retention.ms': '86760000' },
    });
  });

  it('keep the retention that a store states', () => {
    expect(configsOf({ ...windows, logConfigs: { 'retention.ms': '7' } })[1]?.configs).toMatchObject({
      'retention.ms': '7',
    });
  });
});
