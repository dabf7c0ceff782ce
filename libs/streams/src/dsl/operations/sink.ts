import type { TopicExtractor } from '../../processor/log-record.ts';
import { GraphNode } from '../graph-node.ts';
import type { Produced } from '../options/produced.ts';
import { requiredSerde } from '../store-plan.ts';
import type { StreamState } from '../stream-state.ts';

/** Writes a stream to a topic, or to the topic that is chosen for each record. */
export function to<K, V>(
  stream: StreamState<K, V>,
  topic: string | TopicExtractor<K, V>,
  produced?: Produced<K, V>,
): void {
  const name = stream.graph.names.node('KSTREAM-SINK-', produced?.options.name);
  const owner = typeof topic === 'string' ? `The topic ${topic}` : `The sink ${name}`;
  const remedy = `Name it in produced(...)`;
  const partitioner = produced?.options.partitioner;
  const partitionKeyOf = (produced?.keySerde ?? stream.keySerde)?.partitionKey;
  const node = new GraphNode({
    name,
    write(topology, parents) {
      topology.addSink({
        kind: 'sink',
        name,
        parents,
        keySerde: requiredSerde(produced?.keySerde ?? stream.keySerde, owner, 'key', remedy),
        valueSerde: requiredSerde(produced?.valueSerde ?? stream.valueSerde, owner, 'value', remedy),
        topic: typeof topic === 'string' ? topic : undefined,
        ...(typeof topic === 'function' && { topicOf: topic }),
        ...(partitionKeyOf !== undefined && { partitionKeyOf }),
        ...(partitioner !== undefined && { partitionOf: partitioner }),
      });
    },
  });
  stream.graph.add(stream.node, node);
}
