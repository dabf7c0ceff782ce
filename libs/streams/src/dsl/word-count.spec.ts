import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  grouped,
  javaSplit,
  materialized,
  produced,
  serdes,
  StreamsBuilder,
  type Topology,
} from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

function wordCount(storeName?: string): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream('input-topic', consumed(serdes.string, serdes.string))
    .flatMapValues((line) => javaSplit(line.toLowerCase(), /\W+/))
    .groupBy((_key, word) => word, grouped(serdes.string, serdes.string))
    .count(storeName === undefined ? undefined : materialized(storeName))
    .toStream()
    .to('word-counts-output', produced(serdes.string, serdes.safeLong));
  return builder.build();
}

describe('the word count', () => {
  it('has the names and sub-topologies of Kafka Streams', () => {
    expect(wordCount().describe()).toBe(`Topologies:
   Sub-topology: 0
    Source: KSTREAM-SOURCE-0000000000 (topics: [input-topic])
      --> KSTREAM-FLATMAPVALUES-0000000001
    Processor: KSTREAM-FLATMAPVALUES-0000000001 (stores: [])
      --> KSTREAM-KEY-SELECT-0000000002
      <-- KSTREAM-SOURCE-0000000000
    Processor: KSTREAM-KEY-SELECT-0000000002 (stores: [])
      --> KSTREAM-FILTER-0000000006
      <-- KSTREAM-FLATMAPVALUES-0000000001
    Processor: KSTREAM-FILTER-0000000006 (stores: [])
      --> KSTREAM-SINK-0000000005
      <-- KSTREAM-KEY-SELECT-0000000002
    Sink: KSTREAM-SINK-0000000005 (topic: KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition)
      <-- KSTREAM-FILTER-0000000006

  Sub-topology: 1
    Source: KSTREAM-SOURCE-0000000007 (topics: [KSTREAM-AGGREGATE-STATE-STORE-0000000003-repartition])
      --> KSTREAM-AGGREGATE-0000000004
    Processor: KSTREAM-AGGREGATE-0000000004 (stores: [KSTREAM-AGGREGATE-STATE-STORE-0000000003])
      --> KTABLE-TOSTREAM-0000000008
      <-- KSTREAM-SOURCE-0000000007
    Processor: KTABLE-TOSTREAM-0000000008 (stores: [])
      --> KSTREAM-SINK-0000000009
      <-- KSTREAM-AGGREGATE-0000000004
    Sink: KSTREAM-SINK-0000000009 (topic: word-counts-output)
      <-- KTABLE-TOSTREAM-0000000008

`);
  });

  it('counts as Kafka Streams does, also the empty word before a separator', () => {
    using driver = new TopologyTestDriver(wordCount('counts'));
    const lines = driver.createInputTopic('input-topic', serdes.string, serdes.string);
    const counts = driver.createOutputTopic('word-counts-output', serdes.string, serdes.safeLong);
    const countsOf = (line: string) => {
      lines.pipeInput(null, line, 0);
      return counts.readKeyValuesToList();
    };

    expect(countsOf('Hello Kafka')).toEqual([
      ['hello', 1],
      ['kafka', 1],
    ]);
    expect(countsOf('hello streams')).toEqual([
      ['hello', 2],
      ['streams', 1],
    ]);
    expect(countsOf('done!')).toEqual([['done', 1]]);
    expect(countsOf(' a')).toEqual([
      ['', 1],
      ['a', 1],
    ]);
    expect(countsOf('')).toEqual([['', 2]]);
    expect(driver.dropped).toEqual([]);
  });

  it('writes each count to the changelog of its store', () => {
    using driver = new TopologyTestDriver(wordCount('counts'), { applicationId: 'app' });
    const lines = driver.createInputTopic('input-topic', serdes.string, serdes.string);
    lines.pipeInput('any', 'k', 301_000);

    const changelog = driver.createOutputTopic('app-counts-changelog', serdes.bytes, serdes.bytes);

    expect(changelog.readRecord()).toEqual({
      key: Buffer.from('6b', 'hex'),
      value: Buffer.from('0000000000000001', 'hex'),
      timestampMs: 301_000,
      headers: [],
    });
    expect(driver.getTimestampedKeyValueStore('counts').get('k')).toEqual({ value: 1, timestampMs: 301_000 });
    expect(driver.producedTopicNames()).toEqual(
      new Set(['app-counts-repartition', 'app-counts-changelog', 'word-counts-output']),
    );
  });
});
