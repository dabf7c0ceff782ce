import { describe, expect, it } from '@jest/globals';
import { consumed, joined, produced, serdes, StreamsBuilder, type Topology } from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

type Text = string | null;
const texts = consumed<Text, Text>(serdes.string, serdes.string);
const table = consumed<string, string>(serdes.string, serdes.string);
const written = produced<Text, string>(serdes.string, serdes.string);
const pair = (left: Text, right: Text): string => `${left}+${right}`;

type Kind = 'join' | 'leftJoin';

function withTable(kind: Kind): Topology {
  const builder = new StreamsBuilder();
  const stream = builder.stream('stream', texts);
  const other = builder.table('table', table);
  (kind === 'join' ? stream.join(other, pair) : stream.leftJoin(other, pair)).to('joined', written);
  return builder.build();
}

function withGlobalTable(kind: Kind): Topology {
  const builder = new StreamsBuilder();
  const stream = builder.stream('stream', texts);
  const other = builder.globalTable('table', table);
  const keyOf = (_key: Text, value: string) => (value === 'none' ? null : value);
  const result = kind === 'join' ? stream.join(other, keyOf, pair) : stream.leftJoin(other, keyOf, pair);
  result.to('joined', written);
  return builder.build();
}

/** Feeds `TOPIC k=v@time`, and tells what each has led to. */
function play(topology: Topology) {
  const driver = new TopologyTestDriver(topology);
  const output = driver.createOutputTopic('joined', serdes.string, serdes.string);
  const pipe = (topic: string) => (key: Text, value: Text, timestampMs: number) => {
    driver.createInputTopic(topic, serdes.string, serdes.string).pipeInput(key, value, timestampMs);
    return output.readRecordsToList().map((record) => `${record.key}=${record.value}@${record.timestampMs}`);
  };
  return { driver, stream: pipe('stream'), table: pipe('table') };
}

describe('a join of a stream with a table', () => {
  it('joins each record with what the table holds at that moment, at the time of the record', () => {
    const { stream, table: update } = play(withTable('join'));

    expect(stream('k', 'A', 5)).toEqual([]);
    expect(update('k', 'b', 20)).toEqual([]);
    expect(stream('k', 'B', 10)).toEqual(['k=B+b@10']);
    update('k', null, 30);
    expect(stream('k', 'C', 40)).toEqual([]);
  });

  it('drops and counts records without a key or a value', () => {
    const { driver, stream } = play(withTable('join'));

    stream(null, 'A', 0);
    stream('k', null, 0);

    expect(driver.dropped).toEqual(['null_key', 'null_value']);
  });

  it('joins with null on the left side, also a record without a key', () => {
    const { driver, stream } = play(withTable('leftJoin'));

    expect(stream('k', 'A', 5)).toEqual(['k=A+null@5']);
    expect(stream(null, 'B', 6)).toEqual(['null=B+null@6']);
    expect(stream('k', null, 7)).toEqual([]);
    expect(driver.dropped).toEqual(['null_value']);
  });

  it('repartitions a stream whose key may have changed, under the name of the join', () => {
    const builder = new StreamsBuilder();
    builder
      .stream('stream', texts)
      .selectKey((_key, value) => value)
      .leftJoin(builder.table('table', table), pair, joined<Text, Text>(serdes.string, undefined, 'lookup'))
      .to('joined', written);
    const topology = builder.build();

    expect(topology.describe()).toContain('Source: lookup-repartition-source (topics: [lookup-repartition])');
    expect(topology.describe()).toContain('Processor: lookup (stores: [table-STATE-STORE-0000000002])');
    expect(topology.copartitionedTopics).toEqual([['lookup-repartition', 'table']]);
    const { stream, table: update } = play(topology);
    update('A', 'b', 0);
    expect(stream('k', 'A', 0)).toEqual(['A=A+b@0']);
    expect(stream('k', null, 0)).toEqual([]);
  });

  it('shares one repartition topic between joins without a name', () => {
    const builder = new StreamsBuilder();
    const stream = builder.stream('stream', texts).selectKey((_key, value) => value);
    const other = builder.table('table', table);
    const byText = joined<Text, Text>(serdes.string);
    stream.join(other, pair, byText).to('joined', written);
    stream.leftJoin(other, pair, byText).to('left-joined', written);

    expect(builder.build().repartitionTopics.map(({ name }) => name)).toEqual([
      'KSTREAM-KEY-SELECT-0000000001-repartition',
    ]);
  });
});

describe('a join of a stream with a global table', () => {
  it('looks up the key that the record names, and keeps the key of the record', () => {
    const { driver, stream, table: update } = play(withGlobalTable('join'));

    update('A', 'b', 20);

    expect(stream('k', 'A', 10)).toEqual(['k=A+b@10']);
    expect(stream(null, 'A', 10)).toEqual(['null=A+b@10']);
    expect(stream('k', 'unknown', 10)).toEqual([]);
    expect(driver.dropped).toEqual([]);
    expect(stream('k', 'none', 10)).toEqual([]);
    expect(driver.dropped).toEqual(['null_key']);
  });

  it('joins with null on the left side, also a record that names no key', () => {
    const { stream } = play(withGlobalTable('leftJoin'));

    expect(stream('k', 'unknown', 10)).toEqual(['k=unknown+null@10']);
    expect(stream('k', 'none', 10)).toEqual(['k=none+null@10']);
  });

  it('has the names of Kafka Streams', () => {
    expect(withGlobalTable('join').describe()).toBe(`Topologies:
   Sub-topology: 0
    Source: KSTREAM-SOURCE-0000000000 (topics: [stream])
      --> KSTREAM-LEFTJOIN-0000000004
    Processor: KSTREAM-LEFTJOIN-0000000004 (stores: [])
      --> KSTREAM-SINK-0000000005
      <-- KSTREAM-SOURCE-0000000000
    Sink: KSTREAM-SINK-0000000005 (topic: joined)
      <-- KSTREAM-LEFTJOIN-0000000004

  Sub-topology: 1 for global store (will not generate tasks)
    Source: KSTREAM-SOURCE-0000000002 (topics: [table])
      --> KTABLE-SOURCE-0000000003
    Processor: KTABLE-SOURCE-0000000003 (stores: [table-STATE-STORE-0000000001])
      --> none
      <-- KSTREAM-SOURCE-0000000002
`);
  });
});
