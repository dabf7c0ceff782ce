import { consumed, serdes, type StreamsBuilder } from '@millrace/streams';
import { textInput, timesInput } from '../scripts/input.ts';
import {
  hasValue,
  text,
  texts,
  textStream,
  uncached,
  type Text,
  type TopologyCase,
} from './topology-case.ts';

function stateless(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  a.filter(hasValue)
    .mapValues((value) => value!.toUpperCase())
    .peek(() => undefined)
    .filterNot((_key, value) => value.startsWith('T'))
    .map((key, value) => [value, key] as const)
    .to('mapped', texts());
  a.selectKey((_key, value) => value).to('keyed', texts());
  a.mapValues((value, key) => `${key}=${value}`).to('with-key', texts());
  a.foreach(() => undefined);
}

function flatMap(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a').filter(hasValue);
  a.flatMapValues((value) => value!.split(' ')).to('words', texts());
  a.flatMapValues((value, key) => [`${key}>`, value]).to('with-key', texts());
  a.flatMap((key, value): ReadonlyArray<readonly [Text, Text]> => [
    [value, key],
    [key, `${value}!`],
  ]).to('pairs', texts());
}

function branches(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  const all = a
    .split()
    .branch((_key, value) => value === null)
    .branch((_key, value) => value!.startsWith('a'), {
      chain: (each) => each.mapValues((value): Text => `a:${value}`),
    })
    .defaultBranch();
  a.to('all', texts());
  for (const name of [...all.keys()].sort()) all.get(name)!.to(`out-${name}`, texts());
}

function merge(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  const b = textStream(builder, 'b');
  a.merge(b).to('merged', texts());
  a.mapValues((value): Text => `a ${value}`)
    .merge(b.filter((key) => key !== null))
    .merge(a)
    .to('merged-twice', texts());
}

function explicitRepartition(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  a.selectKey((_key, value) => value)
    .repartition({
      name: 'by-value',
      keySerde: serdes.string,
      valueSerde: serdes.string,
      partitionCount: 1,
    })
    .mapValues((value) => `${value}'`)
    .to('named', texts());
  a.repartition().to('unnamed', texts());
}

function topicByExtractor(builder: StreamsBuilder): void {
  textStream(builder, 'a').to(
    (_key, value, context) => (value === null ? 'empty' : `letter-${value[0]}-${context.offset}`),
    texts(),
  );
}

/** The time is a number in the value, and negative for some records, which are skipped. */
function ownTime(builder: StreamsBuilder): void {
  const timed = consumed<Text, Text>(serdes.string, serdes.string, {
    timestampExtractor: ({ value }, partitionTimeMs) => (value === null ? partitionTimeMs : Number(value)),
  });
  builder.stream('numbers', timed).to('out', texts());
  textStream(builder, 'a').to('a-out', texts());
}

function namedStateless(builder: StreamsBuilder): void {
  const kinds = builder
    .stream('a', text('source-a'))
    .filter(hasValue, 'present')
    .mapValues((value) => `${value}.`, 'dotted')
    .split('kind-')
    .branch((_key, value) => value.startsWith('a'), { named: 'a' })
    .branch((_key, value) => value.startsWith('b'), { named: 'b', chain: (each) => each })
    .defaultBranch({ named: 'rest' });
  kinds.get('kind-a')!.merge(kinds.get('kind-b')!, 'together').to('ab', texts('sink-ab'));
  kinds
    .get('kind-rest')!
    .selectKey((_key, value) => value, 'by-value')
    .peek(() => undefined, 'seen')
    .to('rest', texts());
}

const a = textInput('a');

export const statelessCases: readonly TopologyCase[] = [
  uncached('stateless', [a], stateless),
  uncached('flat-map', [a], flatMap),
  uncached('branches', [a], branches),
  uncached('merge', [a, textInput('b')], merge),
  uncached('explicit-repartition', [a], explicitRepartition),
  uncached('topic-by-extractor', [a], topicByExtractor),
  uncached('own-time', [timesInput('numbers'), a], ownTime),
  uncached('named-stateless', [a], namedStateless),
];
