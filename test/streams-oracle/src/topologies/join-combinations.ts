import {
  joined,
  joinWindows,
  materialized,
  serdes,
  streamJoined,
  type StreamsBuilder,
} from '@millrace/streams';
import { lettersInput, textInput } from '../scripts/input.ts';
import { chain, foreignKey, foreignKeyLeft, joiner, named, streamTable } from './table-joins.ts';
import {
  cached,
  groupedText,
  letterOf,
  tail,
  texts,
  textStore,
  textStream,
  textTable,
  uncached,
  type Text,
  type TopologyCase,
} from './topology-case.ts';

const joinedTexts = { keySerde: serdes.string, valueSerde: serdes.string, otherValueSerde: serdes.string };

function sharedRepartition(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a').selectKey((_key, value) => value);
  const b = textStream(builder, 'b');
  const t = textTable(builder, 't');
  const streams = streamJoined<Text, Text, Text>(joinedTexts);
  a.join(b, joiner, joinWindows(5_000), streams).to('one', texts());
  a.leftJoin(t, joiner, joined<Text, Text>(serdes.string, serdes.string)).to('two', texts());
  a.join(t, joiner, joined<Text, Text>(serdes.string, serdes.string, 'named')).to('three', texts());
  a.outerJoin(b, joiner, joinWindows(3_000), streams).to('four', texts());
}

function onlyOlder(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  const b = textStream(builder, 'b');
  a.outerJoin(b, joiner, joinWindows(8_000).grace(1_000).after(-3_000)).to('out', texts());
}

function sameTime(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  const b = textStream(builder, 'b');
  a.outerJoin(b, joiner, joinWindows(0)).to('out', texts());
}

function streamsAndTable(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  const b = textStream(builder, 'b');
  const t = textTable(builder, 't');
  a.leftJoin(b, joiner, joinWindows(2_000).grace(1_000))
    .outerJoin(
      a,
      joiner,
      joinWindows(4_000).grace(1_000),
      streamJoined<Text, string, Text>({ ...joinedTexts, name: 'second' }),
    )
    .leftJoin(t, joiner)
    .to('out', texts());
}

function foreignKeyChain(builder: StreamsBuilder): void {
  const t = textTable(builder, 't');
  const f = textTable(builder, 'f');
  t.leftJoin(f, named, joiner, undefined, materialized(undefined, textStore))
    .outerJoin(t, joiner)
    .toStream()
    .to('out', texts());
}

function foreignKeySelf(builder: StreamsBuilder): void {
  const t = textTable(builder, 't');
  t.join(t, (value) => value, joiner)
    .toStream()
    .to('out', texts());
}

function sumsRegrouped(builder: StreamsBuilder): void {
  const sums = textStream(builder, 'a')
    .groupByKey()
    .reduce((sum, value) => tail(sum + value), materialized(undefined, textStore));
  const t = textTable(builder, 't').mapValues((value) => `${value}!`);
  sums
    .join(t, joiner)
    .groupBy((_key, value) => [letterOf(value)!, value], groupedText<string, string>())
    .reduce(
      (sum, value) => tail(sum + value),
      (sum, value) => tail(`${sum}-${value}`),
      materialized(undefined, textStore),
    )
    .toStream()
    .to('out', texts());
}

const a = textInput('a');
const b = textInput('b');
const f = lettersInput('f');
const t = textInput('t');
const u = textInput('u');

/** Joins of what was joined, and joins that share a stream, a table or a cache. */
export const joinCombinationCases: readonly TopologyCase[] = [
  cached('cached-foreign-key-join', [t, f], foreignKey),
  cached('cached-foreign-key-left-join', [t, f], foreignKeyLeft),
  cached('cached-table-join-chain', [t, u], chain),
  cached('cached-stream-table-join', [a, t], streamTable),
  uncached('joins-share-repartition', [a, b, t], sharedRepartition),
  uncached('stream-outer-join-only-older', [a, b], onlyOlder),
  uncached('stream-outer-join-same-time', [a, b], sameTime),
  uncached('streams-and-table-join-chain', [a, b, t], streamsAndTable),
  uncached('foreign-key-join-chain', [t, f], foreignKeyChain),
  uncached('foreign-key-self-join', [t], foreignKeySelf),
  uncached('joined-sums-regrouped', [a, t], sumsRegrouped),
];
