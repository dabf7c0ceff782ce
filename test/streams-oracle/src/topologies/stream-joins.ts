import { joinWindows, serdes, streamJoined, type KStream, type StreamsBuilder } from '@millrace/streams';
import { textInput } from '../scripts/input.ts';
import { cached, texts, textStream, uncached, type Text, type TopologyCase } from './topology-case.ts';

const joiner = (one: Text, other: Text): string => `${one}+${other}`;
const joinedTexts = { keySerde: serdes.string, valueSerde: serdes.string, otherValueSerde: serdes.string };

const byValue = (builder: StreamsBuilder, topic: string): KStream<Text, Text> =>
  textStream(builder, topic).selectKey((_key, value) => value);

function inner(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  const b = textStream(builder, 'b');
  a.join(b, joiner, joinWindows(5_000)).to('out', texts());
}

function left(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  const b = textStream(builder, 'b');
  a.leftJoin(b, joiner, joinWindows(5_000).grace(2_000)).to('out', texts());
}

function outer(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  const b = textStream(builder, 'b');
  a.outerJoin(
    b,
    (one, other, key) => `${key}:${one}+${other}`,
    joinWindows(5_000).grace(2_000).before(1_000).after(7_000),
  ).to('out', texts());
}

function repartitioned(builder: StreamsBuilder): void {
  const a = byValue(builder, 'a');
  const b = byValue(builder, 'b');
  a.leftJoin(b, joiner, joinWindows(5_000), streamJoined<Text, Text, Text>(joinedTexts)).to('out', texts());
}

function named(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  const b = byValue(builder, 'b');
  a.outerJoin(
    b,
    joiner,
    joinWindows(5_000).grace(2_000),
    streamJoined<Text, Text, Text>({ ...joinedTexts, name: 'pair', storeName: 'pair-store' }),
  ).to('out', texts());
}

function self(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  a.join(a, joiner, joinWindows(5_000)).to('out', texts());
}

const a = textInput('a');
const b = textInput('b');

export const streamJoinCases: readonly TopologyCase[] = [
  uncached('stream-join', [a, b], inner),
  uncached('stream-left-join', [a, b], left),
  uncached('stream-outer-join', [a, b], outer),
  uncached('stream-join-repartition', [a, b], repartitioned),
  uncached('stream-outer-join-named', [a, b], named),
  uncached('stream-self-join', [a], self),
  cached('cached-stream-outer-join', [a, b], outer),
];
