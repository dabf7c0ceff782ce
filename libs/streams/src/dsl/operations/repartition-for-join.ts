import type { Serde } from '../../serdes/serde.ts';
import { repartition } from '../repartition.ts';
import type { StreamState } from '../stream-state.ts';

interface RepartitionForJoin<K, V> {
  /** The name that the user gave, or undefined. */
  readonly named: string | undefined;
  readonly keySerde: Serde<K> | undefined;
  readonly valueSerde: Serde<V> | undefined;
}

/**
 * The stream with all records of a key in one partition. Joins without a name share the topic of
 * the stream, but each draws its own indexes, as in Kafka Streams.
 */
export function repartitionForJoin<K, V>(
  stream: StreamState<K, V>,
  { named, keySerde = stream.keySerde, valueSerde = stream.valueSerde }: RepartitionForJoin<K, V>,
): StreamState<K, V> {
  if (!stream.repartitionRequired) return stream;
  const { graph } = stream;
  const name = named ?? stream.name;
  const planned = repartition(graph, { name, keySerde, valueSerde });
  const shared = name === stream.name ? stream.node.joinRepartition : undefined;
  const node = shared ?? graph.add(stream.node, planned.node);
  stream.node.joinRepartition = node;
  return {
    graph,
    node,
    name: planned.sourceName,
    keySerde,
    valueSerde,
    sources: new Set([planned.sourceName]),
    repartitionRequired: false,
  };
}
