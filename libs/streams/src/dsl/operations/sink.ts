import { foreachNode } from '../../nodes/stateless.ts';
import type { TopicExtractor } from '../../processor/record.ts';
import { GraphNode } from '../graph-node.ts';
import type { Produced } from '../options/topics.ts';
import { requiredSerde } from '../store-plan.ts';
import type { StreamState } from '../stream-state.ts';
import { addProcessor } from './stateless.ts';

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

export interface PrintOptions<K, V> {
  /** Takes one line, without its end. */
  readonly write: (line: string) => void;
  /** Default: the name of the operator that is printed. */
  readonly label?: string;
  /** Default: key and value as text. */
  readonly format?: (key: K, value: V) => string;
  readonly named?: string;
}

/** Writes a line `[label]: key, value` for each record. */
export function print<K, V>(
  stream: StreamState<K, V>,
  { write, label = stream.name, format = (key, value) => `${key}, ${value}`, named }: PrintOptions<K, V>,
): void {
  const name = stream.graph.names.node('KSTREAM-PRINTER-', named);
  addProcessor(
    stream,
    name,
    foreachNode((key: K, value: V) => write(`[${label}]: ${format(key, value)}`)),
  );
}
