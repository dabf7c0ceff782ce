import { consumed, produced, grouped } from '../dsl/options/topics.ts';
import { materialized } from '../dsl/options/stores.ts';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { javaSplit } from '../serdes/java-split.ts';
import { serdes } from '../serdes/serdes.ts';
import type { Topology } from '../topology/topology.ts';

/** The word count of Kafka Streams' introduction. */
export function wordCount(input: string, output: string): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream(input, consumed(serdes.string, serdes.string))
    .flatMapValues((line) => javaSplit(line.toLowerCase(), /\W+/))
    .groupBy((_key, word) => word, grouped(serdes.string, serdes.string))
    .count(materialized('counts'))
    .toStream()
    .to(output, produced(serdes.string, serdes.safeLong));
  return builder.build();
}
