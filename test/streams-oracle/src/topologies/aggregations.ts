import { grouped, materialized, produced, serdes, type StreamsBuilder } from '@millrace/streams';
import { textInput } from '../scripts/input.ts';
import {
  cached,
  counts,
  groupedText,
  hasValue,
  letterOf,
  tail,
  text,
  texts,
  textStore,
  textStream,
  textTable,
  uncached,
  type TopologyCase,
} from './topology-case.ts';

function wordCount(builder: StreamsBuilder): void {
  textStream(builder, 'a')
    .filter(hasValue)
    .flatMapValues((value) => value!.split(' '))
    .groupBy((_key, word) => word, groupedText())
    .count()
    .toStream()
    .to('counts', counts());
}

/** Two aggregations of one re-keyed stream have a repartition topic each. */
function countByKey(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  a.groupByKey().count(materialized('counts')).toStream().to('counts-out', counts());
  const byValue = a.selectKey((_key, value) => value);
  byValue
    .groupByKey(groupedText())
    .count()
    .toStream()
    .mapValues((count) => `n${count}`)
    .to('values-out', texts());
  byValue
    .groupByKey(groupedText('named-group'))
    .count(undefined, 'named-count')
    .toStream('named-stream')
    .mapValues((count) => `m${count}`)
    .to('named-out', texts());
}

/** A value that ends in an exclamation mark deletes. */
function reduce(builder: StreamsBuilder): void {
  textStream(builder, 'a')
    .groupByKey()
    .reduce((sum, value) => (value.endsWith('!') ? null : tail(sum + value)))
    .toStream()
    .to('out', texts());
}

function aggregate(builder: StreamsBuilder): void {
  textStream(builder, 'a')
    .groupBy((_key, value) => letterOf(value), groupedText('by-letter'))
    .aggregate<string>(
      () => '',
      (key, value, sum) => (value.endsWith('!') ? null : tail(sum + key + value)),
      materialized('letter-store', textStore),
      'letters',
    )
    .toStream()
    .to('out', texts());
}

function tableCount(builder: StreamsBuilder): void {
  textTable(builder, 't')
    .groupBy((key, value) => [value, key] as const, groupedText())
    .count()
    .toStream()
    .to('out', counts());
}

function tableReduce(builder: StreamsBuilder): void {
  builder
    .table<string, string>('t', text(), materialized('table'))
    .groupBy((key, value) => [value.slice(0, 1), key + value] as const, groupedText())
    .reduce(
      (sum, value) => tail(`${sum}+${value}`),
      (sum, value) => tail(`${sum}-${value}`),
    )
    .toStream()
    .to('out', texts());
}

function tableAggregate(builder: StreamsBuilder): void {
  const sums = textTable(builder, 't')
    .filter((_key, value) => !value.endsWith('!'))
    .groupBy((_key, value) => [value.slice(0, 1), value] as const, groupedText('letters'))
    .aggregate<string>(
      () => '',
      (_key, value, sum) => tail(`${sum}+${value}`),
      (_key, value, sum) => (sum.length > 9 ? null : tail(`${sum}-${value}`)),
      materialized('sums', textStore),
    );
  sums.toStream().to('out', texts());
  sums
    .mapValues((value) => String(value.length))
    .toStream()
    .to('lengths', texts());
}

function cogroup(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a').groupByKey();
  const b = textStream(builder, 'b').groupBy((_key, value) => letterOf(value), groupedText());
  a.cogroup<string>((_key, value, sum) => tail(`${sum}a${value}`))
    .cogroup(b, (_key, value, sum) => tail(`${sum}b${value}`))
    .aggregate(() => '', materialized(undefined, textStore))
    .toStream()
    .to('out', texts());
}

function longKeys(builder: StreamsBuilder): void {
  textStream(builder, 'a')
    .filter(hasValue)
    .map((_key, value) => [BigInt(value!.length) - 4n, value!] as const)
    .groupByKey(grouped(serdes.long, serdes.string))
    .count(materialized(undefined, { keySerde: serdes.long, valueSerde: serdes.safeLong }))
    .toStream()
    .mapValues((count) => count)
    .to('out', produced<bigint, number | null>(serdes.long, serdes.integer));
}

const a = textInput('a');
const t = textInput('t');

export const aggregationCases: readonly TopologyCase[] = [
  uncached('word-count', [a], wordCount),
  uncached('count-by-key', [a], countByKey),
  uncached('reduce', [a], reduce),
  uncached('aggregate', [a], aggregate),
  uncached('table-count', [t], tableCount),
  uncached('table-reduce', [t], tableReduce),
  uncached('table-aggregate', [t], tableAggregate),
  uncached('cogroup', [a, textInput('b')], cogroup),
  uncached('long-keys', [a], longKeys),
  cached('cached-word-count', [a], wordCount),
  cached('cached-table-aggregate', [t], tableAggregate),
];
