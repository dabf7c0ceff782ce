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

/**
 * Feeds records written as `left k=v@time` and `right k=v@time`, and returns what each of them
 * caused.
 */
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
  it('keeps records for the length of the windows and the grace period', () => {
    const { driver } = play(inner(joinWindows(1_000).after(2_000).grace(500)));
    const store = driver.getWindowStore<string, string>('KSTREAM-JOINTHIS-0000000004-store');

    driver.createInputTopic('left', serdes.string, serdes.string).pipeInput('k', 'A', 0);
    driver.createInputTopic('left', serdes.string, serdes.string).pipeInput('new', 'B', 3_499);
    expect([...store.all()]).toHaveLength(2);
    driver.createInputTopic('left', serdes.string, serdes.string).pipeInput('new', 'C', 3_500);

    expect([...store.all()].map(({ value }) => value)).toEqual(['B', 'C']);
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

  it('emits an unmatched record once no match can come any more', () => {
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
});

describe('an outer join of streams', () => {
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

  it('finds the waiting records after a crash', () => {
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
