import { describe, expect, it } from '@jest/globals';
import {
  consumed,
  type KTable,
  materialized,
  produced,
  serdes,
  StreamsBuilder,
  tableJoined,
  type Topology,
} from '../index.ts';
import { TopologyTestDriver } from '../test-driver.ts';

type Text = string | null;
const texts = consumed<string, string>(serdes.string, serdes.string);
const written = produced<string, Text>(serdes.string, serdes.string);
const pair = (left: Text, right: Text): string => `${left}+${right}`;
/** The foreign key is what stands before a colon. */
const foreignKeyOf = (value: string): Text => /^(\w*):/.exec(value)?.[1] ?? null;

type Join = (left: KTable<string, string>, right: KTable<string, string>) => KTable<string, string>;
const inner: Join = (left, right) => left.join(right, foreignKeyOf, pair);
const leftJoin: Join = (left, right) => left.leftJoin(right, foreignKeyOf, pair);

function topologyOf(join: Join): Topology {
  const builder = new StreamsBuilder();
  join(builder.table('left', texts), builder.table('right', texts)).toStream().to('joined', written);
  return builder.build();
}

/** Feeds `TOPIC k=v@time`, and tells what each has led to. */
function play(topology: Topology) {
  const driver = new TopologyTestDriver(topology, { applicationId: 'app' });
  const output = driver.createOutputTopic('joined', serdes.string, serdes.string);
  const pipe = (topic: string) => (key: Text, value: Text, timestampMs: number) => {
    driver.createInputTopic(topic, serdes.string, serdes.string).pipeInput(key, value, timestampMs);
    return output.readRecordsToList().map((record) => `${record.key}=${record.value}@${record.timestampMs}`);
  };
  const bytesOf = (topic: string) =>
    driver
      .createOutputTopic(topic, serdes.bytes, serdes.bytes)
      .readRecordsToList()
      .map(({ key, value }) => [key, value].map((bytes) => bytes && Buffer.from(bytes).toString('hex')));
  return { driver, left: pipe('left'), right: pipe('right'), bytesOf };
}

const registrationTopic = 'app-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-0000000006-topic';
const responseTopic = 'app-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-0000000014-topic';
const subscriptionChangelog = 'app-KTABLE-FK-JOIN-SUBSCRIPTION-STATE-STORE-0000000010-changelog';

describe('a join by foreign key', () => {
  it('joins each row with the row that it names, at the later time of both', () => {
    const { left, right } = play(topologyOf(inner));

    expect(left('1', 'ada:x', 10)).toEqual([]);
    expect(right('ada', 'Ada', 5)).toEqual(['1=ada:x+Ada@5']);
    expect(left('2', 'ada:y', 3)).toEqual(['2=ada:y+Ada@5']);
    expect(right('ada', 'Lovelace', 20)).toEqual(['1=ada:x+Lovelace@20', '2=ada:y+Lovelace@20']);
    expect(right('ada', null, 30)).toEqual(['1=null@30', '2=null@30']);
  });

  it('follows a row that names another', () => {
    const { driver, left, right } = play(topologyOf(inner));
    right('ada', 'Ada', 0);
    right('bob', 'Bob', 0);
    left('1', 'ada:x', 0);

    expect(left('1', 'bob:x', 1)).toEqual(['1=bob:x+Bob@1']);
    expect(right('ada', 'Lovelace', 2)).toEqual([]);
    expect(left('1', 'nobody:x', 3)).toEqual(['1=null@3']);
    expect(left('1', null, 4)).toEqual(['1=null@4']);
    expect(left('1', null, 5)).toEqual([]);
    expect(driver.dropped).toEqual([]);
  });

  it('drops and counts a row that names none, and removes its result', () => {
    const { driver, left, right } = play(topologyOf(inner));
    right('ada', 'Ada', 0);
    left('1', 'ada:x', 0);

    expect(left('1', 'x', 1)).toEqual(['1=null@1']);
    expect(driver.dropped).toEqual(['null_key']);
    expect(right('ada', 'Lovelace', 2)).toEqual([]);
  });

  it('does not mistake a longer foreign key for one that it begins with', () => {
    const { left, right } = play(topologyOf(inner));
    left('1', 'ada:x', 0);
    left('2', 'ad:y', 0);

    expect(right('ad', 'Ad', 1)).toEqual(['2=ad:y+Ad@1']);
  });

  it('writes subscriptions, their changelog and responses with the bytes of Kafka Streams', () => {
    const { left, right, bytesOf } = play(topologyOf((one, other) => one.join(other, () => 'fk', pair)));

    left('key', 'v', 0);
    right('fk', 'fv', 0);

    const hash = 'e001ba9f5f750d0518bc9338ae3e72f3';
    const subscription = `0103${hash}6b657900000000`;
    expect(bytesOf(registrationTopic)).toEqual([['666b', subscription]]);
    expect(bytesOf(subscriptionChangelog)).toEqual([['00000002666b6b6579', subscription]]);
    expect(bytesOf(responseTopic)).toEqual([['6b6579', `00${hash}6676`]]);
  });

  it('keeps its rows in a store if it is named, and names all that it adds', () => {
    const named = topologyOf((one, other) =>
      one.join(
        other,
        foreignKeyOf,
        pair,
        tableJoined({ name: 'by-key' }),
        materialized('pairs', { keySerde: serdes.string, valueSerde: serdes.string }),
      ),
    );

    expect(named.describe()).toContain('Processor: by-key-result (stores: [pairs])');
    expect(named.repartitionTopics.map(({ name }) => name)).toEqual([
      'by-key-subscription-registration-topic',
      'by-key-subscription-response-topic',
    ]);
    const { driver, left, right } = play(named);
    left('1', 'ada:x', 0);
    right('ada', 'Ada', 5);
    expect(driver.getTimestampedKeyValueStore('pairs').get('1')).toEqual({
      value: 'ada:x+Ada',
      timestampMs: 5,
    });
  });

  it('wants the subscriptions where the right table is, and the responses where the left one is', () => {
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

describe('a left join by foreign key', () => {
  it('has a row for each row of the left table', () => {
    const { driver, left, right } = play(topologyOf(leftJoin));

    expect(left('1', 'ada:x', 10)).toEqual(['1=ada:x+null@10']);
    expect(right('ada', 'Ada', 20)).toEqual(['1=ada:x+Ada@20']);
    expect(left('1', 'bob:x', 30)).toEqual(['1=bob:x+null@30']);
    expect(left('1', 'x', 40)).toEqual(['1=x+null@40']);
    expect(left('1', null, 50)).toEqual(['1=null@50']);
    expect(left('1', null, 60)).toEqual([]);
    expect(driver.dropped).toEqual([]);
  });
});
