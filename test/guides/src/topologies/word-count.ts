import {
  consumed,
  grouped,
  javaSplit,
  materialized,
  produced,
  serdes,
  StreamsBuilder,
  type Topology,
} from '@millrace/streams';

/** G32: how often each word has come so far. */
export function wordCount(): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream('input-topic', consumed(serdes.string, serdes.string))
    .flatMapValues((line) => javaSplit(line.toLowerCase(), /\W+/))
    .groupBy((_key, word) => word, grouped(serdes.string, serdes.string))
    .count(materialized('counts'))
    .toStream()
    .to('word-counts-output', produced(serdes.string, serdes.safeLong));
  return builder.build();
}
