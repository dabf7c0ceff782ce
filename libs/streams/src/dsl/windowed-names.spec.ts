import { minutes } from '@millrace/streaming-core/runtime';
import {
  type CogroupedKStream,
  consumed,
  grouped,
  materialized,
  produced,
  serdes,
  sessionWindows,
  slidingWindows,
  StreamsBuilder,
  timeWindows,
  TopologyError,
  untilTimeLimit,
  untilWindowCloses,
} from '../index.ts';
import { recordedText } from './recorded-run.fixture.ts';

const text = serdes.string;
const FIVE = minutes(5);
const ONE = minutes(1);
const texts = materialized<string, string>(undefined, { valueSerde: text });

const topologies: Record<string, (builder: StreamsBuilder) => void> = {
  'win-suppress': (builder) =>
    read(builder, 's')
      .groupByKey()
      .windowedBy(timeWindows(FIVE).grace(ONE))
      .count()
      .suppress(untilWindowCloses())
      .toStream()
      .to('o', produced(serdes.timeWindowed(text, FIVE), serdes.safeLong)),
  cogroup: (builder) =>
    cogrouped(builder)
      .aggregate(() => '', texts)
      .toStream()
      .to('o'),
  'cogroup-named': (builder) =>
    cogrouped(builder)
      .aggregate(() => '', materialized('store', { valueSerde: text }), 'co')
      .toStream()
      .to('o'),
  'cogroup-windowed': (builder) =>
    cogrouped(builder, 'grp')
      .windowedBy(timeWindows(FIVE))
      .aggregate(() => '', texts)
      .suppress(untilWindowCloses({ name: 'sup' }))
      .toStream()
      .to('o'),
  'windowed-names'(builder) {
    const group = read(builder, 's').groupByKey();
    group.windowedBy(timeWindows(FIVE)).count(undefined, 'cnt');
    group.windowedBy(slidingWindows(FIVE)).reduce((one, other) => one + other, materialized('red'));
    group.windowedBy(sessionWindows(FIVE)).aggregate(
      () => '',
      (_key, _value, all) => all,
      (_key, one) => one,
      texts,
    );
    group
      .windowedBy(timeWindows(FIVE))
      .count(materialized())
      .suppress(untilTimeLimit(ONE))
      .toStream()
      .to('o');
  },
  'windowed-repartition'(builder) {
    read(builder, 's')
      .groupBy((_key, value) => value, grouped(text, text))
      .windowedBy(timeWindows(FIVE))
      .count()
      .toStream()
      .to('o');
    read(builder, 's2')
      .groupBy((_key, value) => value, grouped(text, text, 'g'))
      .windowedBy(sessionWindows(FIVE))
      .count(materialized('ses'))
      .toStream()
      .to('o');
  },
};

describe('the names of windowed operators, suppress and cogroups', () => {
  it.each(Object.entries(topologies))('T02 are those of Kafka Streams: %s', (name, define) => {
    const builder = new StreamsBuilder();
    define(builder);

    expect(builder.build().describe()).toBe(recordedText(`show ${name}`));
  });
});

describe('a count by windows whose store is given no name', () => {
  it.each([
    ['time windows', timeWindows(FIVE), 'KSTREAM-AGGREGATE-0000000003'],
    ['sliding windows', slidingWindows(FIVE), 'KSTREAM-AGGREGATE-0000000002'],
  ])('skips an index as in Kafka Streams, except by sliding windows: %s', (_name, windows, name) => {
    const builder = new StreamsBuilder();
    read(builder, 's').groupByKey().windowedBy(windows).count(materialized());

    expect(builder.build().describe()).toContain(`Processor: ${name} `);
  });
});

describe('a windowed topology', () => {
  it('must have windows before suppress waits for their close', () => {
    const table = read(new StreamsBuilder(), 's').groupByKey().count();

    expect(() => table.suppress(untilWindowCloses())).toThrow(TopologyError);
    expect(() => table.suppress(untilWindowCloses())).toThrow('KSTREAM-AGGREGATE-0000000002');
  });

  it.each([
    ['time windows', timeWindows(10).grace(5), 15],
    ['sliding windows', slidingWindows(10).grace(5), 25],
  ])('must keep %s as long as records may come for them', (_name, windows, neededMs) => {
    const builder = new StreamsBuilder();
    const retained = materialized<string, number>('w', { retentionMs: neededMs - 1 });
    read(builder, 's').groupByKey().windowedBy(windows).count(retained);

    expect(() => builder.build()).toThrow(`need ${neededMs} ms`);
  });
});

const read = (builder: StreamsBuilder, topic: string) => builder.stream(topic, consumed(text, text));

function cogrouped(builder: StreamsBuilder, name?: string): CogroupedKStream<string, string> {
  const second = read(builder, 's2');
  const add = (_key: string, value: string, all: string) => all + value;
  const group =
    name === undefined
      ? second.selectKey((_key, value) => value).groupByKey(grouped(text, text))
      : second.groupBy((_key, value) => value, grouped(text, text, name));
  return read(builder, 's1').groupByKey().cogroup<string>(add).cogroup(group, add);
}
