import {
  keyValueStore,
  materialized,
  serdes,
  type PunctuationType,
  type StreamsBuilder,
} from '@millrace/streams';
import { textInput } from '../scripts/input.ts';
import { counts, texts, textStream, textTable, uncached, type TopologyCase } from './topology-case.ts';
import { summedUp, withLast, withOrigin } from './user-processors.ts';

const punctuated =
  (type: PunctuationType) =>
  (builder: StreamsBuilder): void => {
    builder.addStateStore(keyValueStore('sums', serdes.string, serdes.string));
    textStream(builder, 'a')
      .process(() => summedUp(type, 'sums'), { named: 'summed-up', stores: ['sums'] })
      .to('out', texts());
  };

function processValues(builder: StreamsBuilder): void {
  builder.addStateStore(
    keyValueStore('last', serdes.string, serdes.string, { inMemory: true, logging: false }),
  );
  textStream(builder, 'a')
    .processValues(() => withLast('last'), { stores: ['last'] })
    .groupByKey()
    .count(materialized('counts', { keySerde: serdes.string }))
    .toStream()
    .to('out', counts());
}

function headers(builder: StreamsBuilder): void {
  textStream(builder, 'a')
    .process(withOrigin)
    .selectKey((_key, value) => value)
    .repartition({ keySerde: serdes.string, valueSerde: serdes.string })
    .to('repartitioned', texts());
  textTable(builder, 't')
    .toStream()
    .mapValues((value) => `${value}'`)
    .to('from-table', texts());
}

const a = textInput('a');

export const processorCases: readonly TopologyCase[] = [
  uncached('punctuate-stream-time', [a], punctuated('stream_time')),
  uncached('punctuate-wall-clock', [a], punctuated('wall_clock')),
  uncached('process-values', [a], processValues),
  uncached('headers', [a, textInput('t')], headers),
];
