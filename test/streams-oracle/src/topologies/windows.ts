import {
  materialized,
  onWindowClose,
  sessionWindows,
  serdes,
  slidingWindows,
  timeWindows,
  unlimitedWindows,
  type KGroupedStream,
  type KStream,
  type StreamsBuilder,
} from '@millrace/streams';
import { textInput } from '../scripts/input.ts';
import {
  cached,
  groupedText,
  hasValue,
  letterOf,
  tail,
  textStore,
  textStream,
  uncached,
  windowed,
  type Text,
  type TopologyCase,
} from './topology-case.ts';

export const byKey = (builder: StreamsBuilder): KGroupedStream<string, string> =>
  textStream(builder, 'a').groupByKey();

const words = (builder: StreamsBuilder): KStream<Text, string> =>
  textStream(builder, 'a')
    .filter(hasValue)
    .flatMapValues((value) => value!.split(' '));

const unnamed = materialized<string, string>(undefined, textStore);

function tumbling(builder: StreamsBuilder): void {
  byKey(builder)
    .windowedBy(timeWindows(10_000).grace(3_000))
    .count()
    .toStream()
    .to('out', windowed(serdes.safeLong, 10_000));
}

function unlimited(builder: StreamsBuilder): void {
  const windows = unlimitedWindows(9_000);
  byKey(builder).windowedBy(windows).count().toStream().to('out', windowed(serdes.safeLong, windows.sizeMs));
}

function hopping(builder: StreamsBuilder): void {
  words(builder)
    .groupByKey(groupedText())
    .windowedBy(timeWindows(10_000).advanceBy(4_000))
    .reduce((sum, value) => tail(sum + value), materialized('hops'))
    .toStream()
    .to('out', windowed(serdes.string, 10_000));
}

function sliding(builder: StreamsBuilder): void {
  byKey(builder)
    .windowedBy(slidingWindows(5_000).grace(4_000))
    .aggregate(
      () => '',
      (_key, value, sum) => tail(sum + value),
      unnamed,
    )
    .toStream()
    .to('out', windowed(serdes.string, 5_000));
}

function slidingNoGrace(builder: StreamsBuilder): void {
  byKey(builder)
    .windowedBy(slidingWindows(5_000))
    .count(materialized('slide-store'), 'slides')
    .toStream()
    .to('out', windowed(serdes.safeLong, 5_000));
}

function session(builder: StreamsBuilder): void {
  words(builder)
    .groupByKey(groupedText())
    .windowedBy(sessionWindows(5_000).grace(12_000))
    .count()
    .toStream()
    .to('out', windowed(serdes.safeLong));
}

function sessionNoGrace(builder: StreamsBuilder): void {
  byKey(builder)
    .windowedBy(sessionWindows(5_000))
    .aggregate(
      () => '',
      (_key, value, sum) => tail(sum + value),
      (_key, one, other) => tail(`${one}|${other}`),
      materialized('sessions', textStore),
    )
    .toStream()
    .to('out', windowed(serdes.string));
}

function tumblingOnClose(builder: StreamsBuilder): void {
  byKey(builder)
    .windowedBy(timeWindows(10_000).grace(3_000))
    .emitStrategy(onWindowClose)
    .count()
    .toStream()
    .to('out', windowed(serdes.safeLong, 10_000));
}

function hoppingOnClose(builder: StreamsBuilder): void {
  byKey(builder)
    .windowedBy(timeWindows(10_000).advanceBy(4_000))
    .emitStrategy(onWindowClose)
    .reduce((sum, value) => tail(sum + value))
    .toStream()
    .to('out', windowed(serdes.string, 10_000));
}

function slidingOnClose(builder: StreamsBuilder): void {
  byKey(builder)
    .windowedBy(slidingWindows(5_000).grace(4_000))
    .emitStrategy(onWindowClose)
    .count()
    .toStream()
    .to('out', windowed(serdes.safeLong, 5_000));
}

function sessionOnClose(builder: StreamsBuilder): void {
  byKey(builder)
    .windowedBy(sessionWindows(5_000).grace(3_000))
    .emitStrategy(onWindowClose)
    .count()
    .toStream()
    .to('out', windowed(serdes.safeLong));
}

function cogroupWindowed(builder: StreamsBuilder): void {
  const b = textStream(builder, 'b').groupBy((_key, value) => letterOf(value), groupedText());
  byKey(builder)
    .cogroup<string>((_key, value, sum) => tail(`${sum}a${value}`))
    .cogroup(b, (_key, value, sum) => tail(`${sum}b${value}`))
    .windowedBy(timeWindows(10_000).grace(2_000))
    .aggregate(() => '', materialized('both', textStore))
    .toStream()
    .to('out', windowed(serdes.string, 10_000));
}

function cogroupSession(builder: StreamsBuilder): void {
  const b = textStream(builder, 'b').groupByKey();
  byKey(builder)
    .cogroup<string>((_key, value, sum) => tail(`${sum}a${value}`))
    .cogroup(b, (_key, value, sum) => tail(`${sum}b${value}`))
    .windowedBy(sessionWindows(5_000).grace(2_000))
    .aggregate(
      () => '',
      (_key, one, other) => tail(`${one}|${other}`),
      unnamed,
    )
    .toStream()
    .to('out', windowed(serdes.string));
}

const a = textInput('a');
const b = textInput('b');

export const windowCases: readonly TopologyCase[] = [
  uncached('tumbling', [a], tumbling),
  uncached('unlimited', [a], unlimited),
  cached('cached-unlimited', [a], unlimited),
  uncached('hopping', [a], hopping),
  uncached('sliding', [a], sliding),
  uncached('sliding-no-grace', [a], slidingNoGrace),
  uncached('session', [a], session),
  uncached('session-no-grace', [a], sessionNoGrace),
  uncached('tumbling-on-close', [a], tumblingOnClose),
  uncached('hopping-on-close', [a], hoppingOnClose),
  uncached('sliding-on-close', [a], slidingOnClose),
  uncached('session-on-close', [a], sessionOnClose),
  uncached('cogroup-windowed', [a, b], cogroupWindowed),
  uncached('cogroup-session', [a, b], cogroupSession),
  cached('cached-hopping', [a], hopping),
  cached('cached-session', [a], session),
];
