import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  joinWindows,
  type JoinWindows,
  type KStream,
  produced,
  serdes,
  StreamsBuilder,
  type Topology,
} from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

type Text = string | null;
const texts = consumed<Text, Text>(serdes.string, serdes.string);
const written = produced<Text, Text>(serdes.string, serdes.string);
const minutes = (count: number): number => count * 60_000;

function topologyOf(
  build: (left: KStream<Text, Text>, right: KStream<Text, Text>) => KStream<Text, Text>,
): Topology {
  const builder = new StreamsBuilder();
  build(builder.stream('left', texts), builder.stream('right', texts)).to('joined', written);
  return builder.build();
}

const pair = (left: Text, right: Text): string => `${left}+${right}`;
const inner = (windows: JoinWindows) => topologyOf((left, right) => left.join(right, pair, windows));
const outer = (windows: JoinWindows) => topologyOf((left, right) => left.outerJoin(right, pair, windows));

interface PlayOptions {
  readonly outerJoinMs?: number;
}

/** Feeds `left k=v@time` and `right k=v@time`, and tells what each has led to. */
function play(topology: Topology, { outerJoinMs = 0 }: PlayOptions = {}) {
  const driver = new TopologyTestDriver(topology, {
    emitIntervals: { windowedAggregationMs: 0, outerJoinMs },
  });
  const output = driver.createOutputTopic('joined', serdes.string, serdes.string);
  const pipe = (topic: string) => (key: Text, value: Text, timestampMs: number) => {
    driver.createInputTopic(topic, serdes.string, serdes.string).pipeInput(key, value, timestampMs);
    return output.readRecordsToList().map((record) => `${record.key}=${record.value}@${record.timestampMs}`);
  };
  return { driver, left: pipe('left'), right: pipe('right') };
}

describe('a join of streams', () => {
  it('has the names of Kafka Streams', () => {
    expect(inner(joinWindows(minutes(5))).describe()).toBe(`Topologies:
   Sub-topology: 0
    Source: KSTREAM-SOURCE-0000000000 (topics: [left])
      --> KSTREAM-WINDOWED-0000000002
    Source: KSTREAM-SOURCE-0000000001 (topics: [right])
      --> KSTREAM-WINDOWED-0000000003
    Processor: KSTREAM-WINDOWED-0000000002 (stores: [KSTREAM-JOINTHIS-0000000004-store])
      --> KSTREAM-JOINTHIS-0000000004
      <-- KSTREAM-SOURCE-0000000000
    Processor: KSTREAM-WINDOWED-0000000003 (stores: [KSTREAM-JOINOTHER-0000000005-store])
      --> KSTREAM-JOINOTHER-0000000005
      <-- KSTREAM-SOURCE-0000000001
    Processor: KSTREAM-JOINOTHER-0000000005 (stores: [KSTREAM-JOINTHIS-0000000004-store])
      --> KSTREAM-MERGE-0000000006
      <-- KSTREAM-WINDOWED-0000000003
    Processor: KSTREAM-JOINTHIS-0000000004 (stores: [KSTREAM-JOINOTHER-0000000005-store])
      --> KSTREAM-MERGE-0000000006
      <-- KSTREAM-WINDOWED-0000000002
    Processor: KSTREAM-MERGE-0000000006 (stores: [])
      --> KSTREAM-SINK-0000000007
      <-- KSTREAM-JOINTHIS-0000000004, KSTREAM-JOINOTHER-0000000005
    Sink: KSTREAM-SINK-0000000007 (topic: joined)
      <-- KSTREAM-MERGE-0000000006

`);
  });

  it('joins records whose times differ by at most the difference, at the later time', () => {
    const { left, right } = play(inner(joinWindows(minutes(5))));

    expect(left('k', 'A', 0)).toEqual([]);
    expect(right('k', 'b', 299_000)).toEqual(['k=A+b@299000']);
    expect(right('k', 'c', 300_000)).toEqual(['k=A+c@300000']);
    expect(right('k', 'd', 301_000)).toEqual([]);
    expect(right('other', 'e', 1_000)).toEqual([]);
  });

  it('joins each of several records with the same key and time', () => {
    const { left, right } = play(inner(joinWindows(1_000)));

    left('k', 'A', 0);
    left('k', 'B', 0);

    expect(right('k', 'c', 500)).toEqual(['k=A+c@500', 'k=B+c@500']);
  });

  it('has limits of their own for older and younger right records', () => {
    const { left, right } = play(inner(joinWindows(1_000).before(3_000).after(2_000)));

    left('k', 'A', 10_000);

    expect(right('k', 'b', 6_999)).toEqual([]);
    expect(right('k', 'c', 7_000)).toEqual(['k=A+c@10000']);
    expect(right('k', 'd', 12_000)).toEqual(['k=A+d@12000']);
    expect(right('k', 'e', 12_001)).toEqual([]);
  });

  it('keeps records for the length of the windows and the grace period', () => {
    const { driver } = play(inner(joinWindows(1_000).after(2_000).grace(500)));
    const store = driver.getWindowStore<string, string>('KSTREAM-JOINTHIS-0000000004-store');

    driver.createInputTopic('left', serdes.string, serdes.string).pipeInput('k', 'A', 0);
    driver.createInputTopic('left', serdes.string, serdes.string).pipeInput('new', 'B', 3_499);
    expect([...store.all()]).toHaveLength(2);
    driver.createInputTopic('left', serdes.string, serdes.string).pipeInput('new', 'C', 3_500);

    expect([...store.all()].map(({ value }) => value)).toEqual(['B', 'C']);
  });

  it('drops and counts records without a key or a value', () => {
    const { driver, left } = play(inner(joinWindows(1_000)));

    left(null, 'A', 0);
    left('k', null, 0);

    expect(driver.dropped).toEqual(['null_key', 'null_value']);
  });

  it('repartitions the side whose key may have changed, and joins as before', () => {
    const repartitioned = topologyOf((left, right) =>
      left
        .selectKey((_key, value) => value)
        .leftJoin(right, pair, joinWindows(1_000), { keySerde: serdes.string }),
    );
    const { driver, left, right } = play(repartitioned);

    right('A', 'b', 0);

    expect(left('k', 'A', 500)).toEqual(['A=A+b@500']);
    expect(driver.producedTopicNames()).toContain('test-app-KSTREAM-KEY-SELECT-0000000002-repartition');
  });

  it('names the stores and processors as it was told to', () => {
    const named = topologyOf((left, right) =>
      left.outerJoin(right, pair, joinWindows(1_000), { name: 'pairs', storeName: 'kept' }),
    );

    const text = named.describe();
    expect(text).toContain(
      'Processor: pairs-outer-this-join (stores: [kept-outer-other-join-store, kept-outer-shared-join-store])',
    );
    expect(text).toContain(
      'Processor: pairs-outer-other-join (stores: [kept-outer-this-join-store, kept-outer-shared-join-store])',
    );
    expect(text).toContain('Processor: pairs-this-windowed (stores: [kept-outer-this-join-store])');
    expect(text).toContain('Sink: KSTREAM-SINK-0000000007');
  });

  it('says which serde is missing', () => {
    const build = () =>
      topologyOf((left, right) => left.mapValues((value) => value).join(right, pair, joinWindows(1)));

    expect(build).toThrow('The store KSTREAM-JOINTHIS-0000000005-store needs the serde of its value');
    expect(build).toThrow('streamJoined({ ... })');
  });

  it('refuses windows that are empty and a negative grace period', () => {
    expect(() => joinWindows(-1)).toThrow('-1 ms before to -1 ms after is empty');
    expect(() => joinWindows(1).grace(-1)).toThrow('grace period of a join is -1 ms');
    expect(() => joinWindows(Number.NaN)).toThrow('NaN ms');
  });
});

describe('a left join of streams', () => {
  const left = (windows: JoinWindows) => topologyOf((one, other) => one.leftJoin(other, pair, windows));

  it('emits an unmatched record when no match can come any more', () => {
    const streams = play(left(joinWindows(1_000).grace(500)));

    expect(streams.left('k', 'A', 0)).toEqual([]);
    expect(streams.left('next', 'N', 1)).toEqual([]);
    expect(streams.left('other', 'B', 1_500)).toEqual([]);
    expect(streams.right('other', 'c', 1_501)).toEqual(['k=A+null@0', 'other=B+c@1501']);
    expect(streams.right('late', 'd', 10_000)).toEqual(['next=N+null@1']);
  });

  it('forgets a record that has found its match', () => {
    const streams = play(left(joinWindows(1_000)));

    streams.left('k', 'A', 0);

    expect(streams.right('k', 'b', 500)).toEqual(['k=A+b@500']);
    expect(streams.left('other', 'C', 10_000)).toEqual([]);
  });

  it('never emits unmatched records of the right side', () => {
    const streams = play(left(joinWindows(1_000)));

    streams.right('k', 'b', 0);

    expect(streams.right('k', 'c', 10_000)).toEqual([]);
    expect(streams.right('k', 'd', 20_000)).toEqual([]);
  });

  it('emits a record without a key at once, and drops one without a value', () => {
    const streams = play(left(joinWindows(1_000)));

    expect(streams.left(null, 'A', 0)).toEqual(['null=A+null@0']);
    expect(streams.right(null, 'b', 0)).toEqual([]);
    expect(streams.left(null, null, 0)).toEqual([]);
    expect(streams.driver.dropped).toEqual(['null_key', 'null_key']);
  });

  it('emits a late record at once if no match can come any more', () => {
    const streams = play(left(joinWindows(1_000).grace(5_000)));

    streams.right('other', 'b', 3_001);

    expect(streams.left('k', 'A', 2_001)).toEqual([]);
    expect(streams.left('k', 'B', 2_000)).toEqual(['k=B+null@2000']);
  });
});

describe('an outer join of streams', () => {
  it('emits unmatched records of both sides in the order of their time, the right one first', () => {
    const { left, right } = play(outer(joinWindows(1_000)));

    left('a', 'A', 100);
    left('b', 'B', 50);
    right('c', 'c', 100);
    right('d', 'd', 70);

    expect(left('e', 'E', 5_000)).toEqual(['b=B+null@50', 'd=null+d@70', 'c=null+c@100', 'a=A+null@100']);
  });

  it('writes the waiting records to a changelog with the bytes of Kafka Streams', () => {
    const { driver, left } = play(outer(joinWindows(1_000)));
    left('k', 'A', 100);
    left('k', 'B', 100);

    const changelog = driver
      .createOutputTopic(
        'test-app-KSTREAM-OUTERSHARED-0000000004-store-changelog',
        serdes.bytes,
        serdes.bytes,
      )
      .readRecordsToList();

    expect(changelog.map(({ key }) => Buffer.from(key ?? []).toString('hex'))).toEqual([
      '0000000000000064016b',
      '0000000000000064016b',
    ]);
    expect(changelog.map(({ value }) => Buffer.from(value ?? []).toString('hex'))).toEqual([
      '0100000001000000020141',
      '0100000002000000020141000000020142',
    ]);
  });

  it('looks again as soon as one of several records of the same key and time can have expired', () => {
    const { left, right } = play(outer(joinWindows(1_000)));
    right('p', 'p', 0);
    right('q', 'q', 100);
    left('a', 'A', 100);
    left('a', 'B', 100);
    right('z', 'z', 300);

    expect(left('later', 'L', 1_050)).toEqual(['p=null+p@0']);
    expect(left('last', 'M', 1_150)).toEqual(['q=null+q@100', 'a=A+null@100', 'a=B+null@100']);
  });

  it('finds the records that wait after a crash', () => {
    const { driver, left, right } = play(outer(joinWindows(1_000)));
    left('a', 'A', 5_000);

    driver.crash();

    expect(right('b', 'b', 100)).toEqual([]);
    expect(left('c', 'C', 6_001)).toEqual(['b=null+b@100', 'a=A+null@5000']);
  });

  it('looks for unmatched records once a second of the clock, as Kafka Streams does', () => {
    const { driver, left } = play(outer(joinWindows(1_000)), { outerJoinMs: 1_000 });

    left('a', 'A', 0);
    expect(left('b', 'B', 10_000)).toEqual([]);
    driver.advanceWallClockTime(999);
    expect(left('c', 'C', 20_000)).toEqual([]);
    driver.advanceWallClockTime(1);

    expect(left('d', 'D', 30_000)).toEqual(['a=A+null@0', 'b=B+null@10000', 'c=C+null@20000']);
  });
});
