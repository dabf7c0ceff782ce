import type { RepartitionedOptions } from '../options/repartitioned.ts';
import { repartition } from '../repartition.ts';
import type { StreamState } from '../stream-state.ts';

/** Sends a stream through a topic, so that all records of a key come to one partition. */
export function repartitionStream<K, V>(
  stream: StreamState<K, V>,
  { name, partitionCount, partitioner, ...serdes }: RepartitionedOptions<K, V>,
): StreamState<K, V> {
  const { graph } = stream;
  const keySerde = serdes.keySerde ?? stream.keySerde;
  const valueSerde = serdes.valueSerde ?? stream.valueSerde;
  const { sourceName, node } = repartition(graph, {
    name: name ?? graph.names.node('KSTREAM-REPARTITION-'),
    keySerde,
    valueSerde,
    partitioner,
    partitionCount,
  });
  graph.add(stream.node, node);
  const sources = new Set([sourceName]);
  return { graph, node, name: sourceName, keySerde, valueSerde, sources, repartitionRequired: false };
}
