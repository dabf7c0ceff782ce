import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  type KTable,
  materialized,
  produced,
  serdes,
  StreamsBuilder,
  type Topology,
} from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

type Text = string | null;
const texts = consumed<string, string>(serdes.string, serdes.string);
const written = produced<string, Text>(serdes.string, serdes.string);
const stored = { keySerde: serdes.string, valueSerde: serdes.string };
const pair = (left: Text, right: Text): string => `${left}+${right}`;

type Tables = Record<'left' | 'right' | 'third', KTable<string, string>>;

function topologyOf(build: (tables: Tables) => KTable<string, string>): Topology {
  const builder = new StreamsBuilder();
  const table = (topic: string) => builder.table(topic, texts);
  build({ left: table('left'), right: table('right'), third: table('third') })
    .toStream()
    .to('joined', written);
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
  return { driver, left: pipe('left'), right: pipe('right'), third: pipe('third') };
}

describe('a join of tables', () => {
  it('has a row for each key that both tables have, at the later time of both', () => {
    const { left, right } = play(topologyOf((tables) => tables.left.join(tables.right, pair)));

    expect(left('k', 'A', 20)).toEqual([]);
    expect(right('k', 'b', 10)).toEqual(['k=A+b@20']);
    expect(right('k', 'c', 30)).toEqual(['k=A+c@30']);
    expect(left('k', null, 25)).toEqual(['k=null@30']);
    expect(right('k', null, 40)).toEqual([]);
    expect(left('k', null, 50)).toEqual([]);
  });

  it('drops and counts updates without a key', () => {
    const { driver, left } = play(topologyOf((tables) => tables.left.join(tables.right, pair)));

    left(null, 'A', 0);

    expect(driver.dropped).toEqual(['null_key']);
  });

  it('keeps its rows in a store only if it is told to', () => {
    const unnamed = topologyOf((tables) => tables.left.join(tables.right, pair));
    const named = topologyOf((tables) =>
      tables.left.join(tables.right, pair, materialized('pairs', stored), 'both'),
    );

    expect(unnamed.describe()).toContain('Processor: KTABLE-MERGE-0000000009 (stores: [])');
    expect(named.describe()).toContain('Processor: both (stores: [pairs])');
    expect(named.describe()).toContain('Processor: both-join-this (stores: [right-STATE-STORE-0000000003])');
    const { driver, left, right } = play(named);
    left('k', 'A', 20);
    right('k', 'b', 10);
    expect(driver.getTimestampedKeyValueStore('pairs').get('k')).toEqual({ value: 'A+b', timestampMs: 20 });
    right('k', null, 30);
    expect(driver.getKeyValueStore('pairs').get('k')).toBeNull();
  });

  it('can be joined again without a store, and reads its rows from the tables', () => {
    const chained = topologyOf((tables) => tables.left.join(tables.right, pair).leftJoin(tables.third, pair));
    const { left, right, third } = play(chained);

    left('k', 'A', 10);
    expect(third('k', 'x', 50)).toEqual([]);
    expect(right('k', 'b', 20)).toEqual(['k=A+b+x@50']);
    expect(third('k', 'y', 30)).toEqual(['k=A+b+y@30']);
    expect(left('k', null, 60)).toEqual(['k=null@60']);
  });
});

describe('a left join of tables', () => {
  it('has a row for each key of the left table', () => {
    const { left, right } = play(topologyOf((tables) => tables.left.leftJoin(tables.right, pair)));

    expect(right('k', 'b', 10)).toEqual([]);
    expect(left('k', 'A', 5)).toEqual(['k=A+b@10']);
    expect(right('k', null, 20)).toEqual(['k=A+null@20']);
    expect(left('k', null, 30)).toEqual(['k=null@30']);
    expect(left('k', null, 40)).toEqual([]);
    expect(right('k', 'c', 50)).toEqual([]);
  });
});

describe('an outer join of tables', () => {
  it('has a row for each key of either table', () => {
    const { left, right } = play(topologyOf((tables) => tables.left.outerJoin(tables.right, pair)));

    expect(right('k', 'b', 10)).toEqual(['k=null+b@10']);
    expect(left('k', 'A', 5)).toEqual(['k=A+b@10']);
    expect(right('k', null, 20)).toEqual(['k=A+null@20']);
    expect(left('k', null, 30)).toEqual(['k=null@30']);
    expect(left('k', null, 40)).toEqual([]);
  });

  it('sends old values to a grouping after it', () => {
    const builder = new StreamsBuilder();
    builder
      .table('left', texts)
      .outerJoin(builder.table('right', texts), pair)
      .groupBy((key, value) => [value, key] as const, { ...stored, name: undefined })
      .count(materialized('counts'))
      .toStream()
      .to('joined', produced(serdes.string, serdes.safeLong));
    const driver = new TopologyTestDriver(builder.build());
    const feed = (topic: string) => driver.createInputTopic(topic, serdes.string, serdes.string);

    feed('left').pipeInput('k', 'A', 0);
    feed('right').pipeInput('k', 'b', 0);

    expect(driver.createOutputTopic('joined', serdes.string, serdes.safeLong).readKeyValuesToMap()).toEqual(
      new Map([
        ['A+null', 0],
        ['A+b', 1],
      ]),
    );
  });
});
