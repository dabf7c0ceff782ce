import { keyValueStore, materialized, serdes, type StreamsBuilder } from '@millrace/streams';
import { textInput } from '../scripts/input.ts';
import {
  cached,
  groupedText,
  text,
  texts,
  textStore,
  textStream,
  textTable,
  uncached,
  type TopologyCase,
} from './topology-case.ts';
import { markedValues, numberedValues } from './value-transformers.ts';

function source(builder: StreamsBuilder): void {
  textTable(builder, 't').toStream().to('out', texts());
  builder
    .table<string, string>('u', text(), materialized('named-table'))
    .toStream()
    .selectKey((key, value) => `${key}/${value}`)
    .to('mapped-out', texts());
}

function toTable(builder: StreamsBuilder): void {
  const a = textStream(builder, 'a');
  a.toTable().toStream().to('plain', texts());
  a.selectKey((_key, value) => value)
    .toTable(materialized('latest', textStore), 'by-value')
    .filter((_key, value) => value!.length > 4)
    .toStream()
    .to('keyed', texts());
}

function operators(builder: StreamsBuilder): void {
  const t = textTable(builder, 't');
  t.filter((_key, value) => value.length > 3)
    .toStream()
    .to('filtered', texts());
  t.filterNot((_key, value) => value.length > 3, materialized('short'))
    .toStream()
    .to('short-out', texts());
  t.mapValues((value) => value.slice(0, 1))
    .toStream()
    .to('letters', texts());
  t.mapValues((value, key) => key + value, materialized('long', textStore))
    .filter((_key, value) => !value.endsWith('!'), undefined, 'calm')
    .mapValues((value) => `${value}'`)
    .toStream()
    .to('long-out', texts());
  t.mapValues((value) => `${value}?`)
    .groupBy((_key, value) => [value.slice(0, 1), value] as const, groupedText())
    .reduce(
      (_sum, value) => value,
      (sum, value) => (sum === value ? null : sum),
    )
    .toStream()
    .to('last-by-letter', texts());
}

function transformValues(builder: StreamsBuilder): void {
  builder.addStateStore(keyValueStore('seen', serdes.string, serdes.safeLong));
  const t = textTable(builder, 't');
  t.transformValues(numberedValues, { stores: ['seen'] })
    .toStream()
    .to('numbered', texts());
  t.transformValues(markedValues, { materialized: materialized('marked', textStore) })
    .toStream()
    .to('marked-out', texts());
}

const a = textInput('a');
const t = textInput('t');

export const tableCases: readonly TopologyCase[] = [
  uncached('table-source', [t, textInput('u')], source),
  uncached('to-table', [a], toTable),
  uncached('table-operators', [t], operators),
  uncached('transform-values', [t], transformValues),
  cached('cached-table-operators', [t], operators),
];
