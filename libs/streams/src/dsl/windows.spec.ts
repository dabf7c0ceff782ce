import { hours, minutes } from '@millrace/streaming-core/runtime';
import {
  type CogroupedKStream,
  consumed,
  type KGroupedStream,
  type KTable,
  materialized,
  onWindowClose,
  produced,
  serdes,
  sessionWindows,
  slidingWindows,
  StreamsBuilder,
  timeWindows,
  type Topology,
  untilTimeLimit,
  untilWindowCloses,
  type Windowed,
} from '../index.ts';
import { recordedText, recordedTitles, replay } from './recorded-run.fixture.ts';

const text = serdes.string;
const FIVE = minutes(5);
const ONE = minutes(1);

const tumbling = timeWindows(FIVE).grace(ONE);
const sliding = slidingWindows(FIVE);
const sessions = sessionWindows(FIVE).grace(ONE);
const store = materialized<string, number>('w');
const texts = materialized<string, string>('w', { valueSerde: text });

type Grouped = KGroupedStream<string, string>;
type Cogrouped = CogroupedKStream<string, string>;

const windowed: Record<string, (grouped: Grouped) => KTable<Windowed<string>, number | string>> = {
  'tumbling-grace': (grouped) => grouped.windowedBy(tumbling).count(store),
  hopping: (grouped) => grouped.windowedBy(timeWindows(FIVE).advanceBy(ONE)).count(store),
  'hopping-uneven': (grouped) => grouped.windowedBy(tumbling.advanceBy(minutes(2))).count(store),
  sliding: (grouped) => grouped.windowedBy(sliding).count(store),
  'sliding-early': (grouped) =>
    grouped.windowedBy(slidingWindows(100).grace(50)).reduce((one, other) => one + other, texts),
  session: (grouped) => grouped.windowedBy(sessionWindows(minutes(30))).count(store),
  'session-grace': (grouped) => grouped.windowedBy(sessionWindows(minutes(30)).grace(hours(1))).count(store),
  'session-random': (grouped) => grouped.windowedBy(sessionWindows(ONE).grace(ONE)).count(store),
  'session-aggregate': (grouped) =>
    grouped.windowedBy(sessions).aggregate(
      () => '',
      (_key, value, all) => all + value,
      (_key, one, other) => `${one}|${other}`,
      texts,
    ),
  'close-tumbling': (grouped) => grouped.windowedBy(tumbling).emitStrategy(onWindowClose).count(store),
  'close-tumbling-random': (grouped) => grouped.windowedBy(tumbling).emitStrategy(onWindowClose).count(store),
  'close-hopping': (grouped) =>
    grouped
      .windowedBy(tumbling.advanceBy(minutes(2)))
      .emitStrategy(onWindowClose)
      .count(store),
  'close-sliding': (grouped) =>
    grouped.windowedBy(sliding.grace(ONE)).emitStrategy(onWindowClose).count(store),
  'close-session': (grouped) => grouped.windowedBy(sessions).emitStrategy(onWindowClose).count(store),
  'close-session-slow': (grouped) => grouped.windowedBy(sessions).emitStrategy(onWindowClose).count(store),
  'suppress-tumbling': (grouped) => grouped.windowedBy(tumbling).count(store).suppress(untilWindowCloses()),
  'suppress-sliding': (grouped) => grouped.windowedBy(sliding).count(store).suppress(untilWindowCloses()),
  'suppress-session': (grouped) => grouped.windowedBy(sessions).count(store).suppress(untilWindowCloses()),
  'suppress-filter': (grouped) =>
    grouped
      .windowedBy(tumbling)
      .count(store)
      .suppress(untilTimeLimit(ONE))
      .suppress(untilTimeLimit(ONE, { recordsMax: 1 })),
};

const plain: Record<string, (grouped: Grouped) => KTable<string, number>> = {
  'suppress-limit': (grouped) => grouped.count(store).suppress(untilTimeLimit(minutes(2), { recordsMax: 2 })),
  'suppress-early': (grouped) =>
    grouped.count(store).suppress(untilTimeLimit(minutes(2), { bytesMax: 120, whenFull: 'emit_early' })),
};

/** All windows of a key in one sum, which needs the old values of the windows. */
const regrouped: Record<string, (grouped: Grouped) => KTable<Windowed<string>, number>> = {
  'grouped-tumbling': (stream) => stream.windowedBy(tumbling).count(store),
  'grouped-sliding': (stream) => stream.windowedBy(sliding).count(store),
  'grouped-session': (stream) => stream.windowedBy(sessions).count(store),
  'grouped-suppressed': (stream) =>
    stream
      .windowedBy(tumbling)
      .count(store)
      .suppress(untilTimeLimit(ONE, { recordsMax: 2 })),
};

const joined: Record<string, (left: Grouped, right: Grouped) => KTable<Windowed<string>, string>> = {
  'joined-windows': (left, right) =>
    left
      .windowedBy(tumbling)
      .count(store)
      .suppress(untilTimeLimit(ONE))
      .outerJoin(right.windowedBy(tumbling).count(materialized('r')), (one, other) => `${one}/${other}`),
  'joined-sessions': (left, right) =>
    left
      .windowedBy(sessions)
      .count(store)
      .join(right.windowedBy(sessions).count(materialized('r')), (one, other) => `${one}/${other}`),
};

const windowedCogroups: Record<string, (cogrouped: Cogrouped) => KTable<Windowed<string>, string>> = {
  'cogroup-tumbling': (cogrouped) => cogrouped.windowedBy(timeWindows(FIVE)).aggregate(() => '', texts),
  'cogroup-sliding': (cogrouped) => cogrouped.windowedBy(sliding).aggregate(() => '', texts),
  'cogroup-session': (cogrouped) =>
    cogrouped.windowedBy(sessionWindows(FIVE)).aggregate(
      () => '',
      (_key, one, other) => one + other,
      texts,
    ),
};

const cogroups: Record<string, (cogrouped: Cogrouped) => KTable<string, string>> = {
  cogroup: (cogrouped) => cogrouped.aggregate(() => '', texts),
};

function stream(builder: StreamsBuilder): Grouped {
  return builder.stream('s', consumed(text, text)).groupByKey();
}

function bothStreams(builder: StreamsBuilder): Cogrouped {
  return stream(builder)
    .cogroup<string>((_key, value, all) => `${all}1${value}`)
    .cogroup(builder.stream('t', consumed(text, text)).groupByKey(), (_key, value, all) => `${all}2${value}`);
}

const twoStreams = (builder: StreamsBuilder): readonly [Grouped, Grouped] => [
  stream(builder),
  builder.stream('t', consumed(text, text)).groupByKey(),
];

const joinOf =
  <V>(join: (left: Grouped, right: Grouped) => KTable<Windowed<string>, V>) =>
  ([left, right]: readonly [Grouped, Grouped]) =>
    join(left, right);

const sumOf =
  (table: (source: Grouped) => KTable<Windowed<string>, number>) =>
  (source: Grouped): KTable<string, number> =>
    table(source)
      .groupBy(({ key }, count) => [key, count], {
        keySerde: text,
        valueSerde: serdes.safeLong,
        name: undefined,
      })
      .aggregate(
        () => 0,
        (_key, count, sum) => sum + count,
        (_key, count, sum) => sum - count,
        materialized('sum', { valueSerde: serdes.safeLong }),
      );

function windowsOf<S>(
  tableOf: (source: S) => KTable<Windowed<string>, unknown>,
  sourceOf: (builder: StreamsBuilder) => S,
): Topology {
  const builder = new StreamsBuilder();
  tableOf(sourceOf(builder))
    .toStream()
    .map(({ key, window }, value) => [`${key}@${window.startMs}-${window.endMs}`, String(value)])
    .to('o', produced(text, text));
  return builder.build();
}

function valuesOf<S>(
  tableOf: (source: S) => KTable<string, unknown>,
  sourceOf: (builder: StreamsBuilder) => S,
): Topology {
  const builder = new StreamsBuilder();
  tableOf(sourceOf(builder)).toStream().mapValues(String).to('o', produced(text, text));
  return builder.build();
}

const topologies = new Map<string, () => Topology>([
  ...Object.entries(windowed).map(([name, table]) => [name, () => windowsOf(table, stream)] as const),
  ...Object.entries(plain).map(([name, table]) => [name, () => valuesOf(table, stream)] as const),
  ...Object.entries(regrouped).map(([name, table]) => [name, () => valuesOf(sumOf(table), stream)] as const),
  ...Object.entries(joined).map(([name, join]) => [name, () => windowsOf(joinOf(join), twoStreams)] as const),
  ...Object.entries(windowedCogroups).map(
    ([name, table]) => [name, () => windowsOf(table, bothStreams)] as const,
  ),
  ...Object.entries(cogroups).map(([name, table]) => [name, () => valuesOf(table, bothStreams)] as const),
]);

function topologyOf(title: string): Topology {
  const make = topologies.get(title.replace('-cached', ''));
  if (make === undefined) throw new RangeError(`The test has no topology ${title}`);
  return make();
}

describe('windows, suppress and cogroups', () => {
  const titles = recordedTitles('run ').filter((title) => title !== 'suppress-full');

  it.each(titles)('give the results and changelogs of Kafka Streams: %s', (title) => {
    const expected = recordedText(`run ${title}`);
    const cacheBytesMax = title.endsWith('-cached') ? 10_000_000 : 0;

    expect(replay(topologyOf(title), expected, cacheBytesMax)).toBe(expected);
  });

  it('stops the application when a buffer that must not emit early is full', () => {
    const script = recordedText('run suppress-full').replace(/throws .*/, 'd 4 0 ->');
    const topology = windowsOf(
      (grouped) =>
        grouped
          .windowedBy(tumbling)
          .count(store)
          .suppress(untilWindowCloses({ bytesMax: 200 })),
      stream,
    );

    expect(recordedText('run suppress-full')).toContain('4/9223372036854775807] records and [224/200] bytes');
    expect(replay(topology, script, 0)).toContain('4 of Infinity records, 224 of 200 bytes');
  });
});
