import { describe, expect, it } from '@jest/globals';
import { consumed, type KTable, produced, serdes, StreamsBuilder, type Topology } from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

type Text = string | null;
const texts = consumed<string, string>(serdes.string, serdes.string);
const written = produced<string, Text>(serdes.string, serdes.string);
const pair = (left: Text, right: Text): string => `${left}+${right}`;
/** Returns the text before the colon as the foreign key. */
const foreignKeyOf = (value: string): Text => /^(\w*):/.exec(value)?.[1] ?? null;

type Join = (left: KTable<string, string>, right: KTable<string, string>) => KTable<string, string>;
const inner: Join = (left, right) => left.join(right, foreignKeyOf, pair);

function topologyOf(join: Join): Topology {
  const builder = new StreamsBuilder();
  join(builder.table('left', texts), builder.table('right', texts)).toStream().to('joined', written);
  return builder.build();
}

/** Feeds records written as `TOPIC k=v@time`, and returns what each of them caused. */
function play(topology: Topology) {
  const driver = new TopologyTestDriver(topology, { applicationId: 'app' });
  const output = driver.createOutputTopic('joined', serdes.string, serdes.string);
  const pipe = (topic: string) => (key: Text, value: Text, timestampMs: number) => {
    driver.createInputTopic(topic, serdes.string, serdes.string).pipeInput(key, value, timestampMs);
    return output.readRecordsToList().map((record) => `${record.key}=${record.value}@${record.timestampMs}`);
  };
  return { driver, left: pipe('left'), right: pipe('right') };
}

describe('a join by foreign key', () => {
  it('does not mistake a foreign key for a prefix of it', () => {
    const { left, right } = play(topologyOf(inner));
    left('1', 'ada:x', 0);
    left('2', 'ad:y', 0);

    expect(right('ad', 'Ad', 1)).toEqual(['2=ad:y+Ad@1']);
  });

  it('follows a row whose foreign key changes', () => {
    const { driver, left, right } = play(topologyOf(inner));
    right('ada', 'Ada', 0);
    right('bob', 'Bob', 0);
    left('1', 'ada:x', 0);

    expect(left('1', 'bob:x', 1)).toEqual(['1=bob:x+Bob@1']);
    expect(right('ada', 'Lovelace', 2)).toEqual([]);
    // An answer to the former subscription would be dropped.
    expect(driver.dropped).toEqual([]);
  });

  it('copartitions subscriptions with the right table, and responses with the left one', () => {
    expect(topologyOf(inner).copartitionedTopics).toEqual([
      ['right', 'KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-0000000006-topic'],
      ['left', 'KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-0000000014-topic'],
    ]);
  });

  it('says which serde is missing', () => {
    const build = () =>
      topologyOf((one, other) =>
        one.join(
          other.mapValues((value) => value),
          foreignKeyOf,
          pair,
        ),
      );

    expect(build).toThrow(
      'The right table KTABLE-MAPVALUES-0000000006 of a foreign-key join needs the serde of its value',
    );
  });
});
