import {
  keyValueStore,
  materialized,
  produced,
  serdes,
  type Serde,
  type StreamsBuilder,
} from '@millrace/streams';
import { textInput } from '../scripts/input.ts';
import {
  cached,
  groupedText,
  skippingFailed,
  tail,
  type Text,
  texts,
  textStore,
  textStream,
  type TopologyCase,
  uncached,
} from './topology-case.ts';
import { summedUp } from './user-processors.ts';

function noBees<T extends Text>(value: T): T {
  if (value?.includes('bee') === true) throw new RangeError('it stings');
  return value;
}

function nodes(builder: StreamsBuilder): void {
  const seen = textStream(builder, 'a').peek(() => undefined);
  seen.mapValues((value) => `${value}1`).to('before', texts());
  seen.mapValues(noBees).to('between', texts());
  seen
    .groupByKey(groupedText())
    .reduce(
      (sum, value) => tail(`${sum}${value === 'c' ? noBees('bee') : value}`),
      materialized('sums', textStore),
    )
    .toStream()
    .mapValues(noBees)
    .to('after', texts());
}

const stinging: Serde<Text> = {
  encode: (value, topic) => serdes.string.encode(noBees(value) as string, topic),
  decode: (bytes, topic) => serdes.string.decode(bytes, topic),
};

function failingSerdes(builder: StreamsBuilder): void {
  const seen = textStream(builder, 'a').mapValues((value) => value);
  seen.to('before', texts());
  seen.to('between', produced(serdes.string as Serde<Text>, stinging));
  seen.to('after', texts());
}

function callbacks(builder: StreamsBuilder): void {
  builder.addStateStore(keyValueStore('sums', serdes.string, serdes.string));
  textStream(builder, 'a')
    .process(() => summedUp('stream_time', 'sums', noBees), { stores: ['sums'] })
    .to('out', texts());
}

const a = textInput('a');

/** Nodes, callbacks and serdes that throw for some values. */
export const failureCases: readonly TopologyCase[] = [
  uncached('failing-nodes', [a], nodes),
  cached('cached-failing-nodes', [a], nodes),
  uncached('failing-serdes', [a], failingSerdes),
  uncached('failing-callbacks', [a], callbacks),
].map(skippingFailed);
