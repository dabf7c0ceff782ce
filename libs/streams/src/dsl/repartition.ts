import { filterNode } from '../nodes/stateless.ts';
import type { StreamPartitioner } from '../processor/record.ts';
import type { Serde } from '../serdes/serde.ts';
import { GraphNode } from './graph-node.ts';
import type { RepartitionedOptions } from './options/topics.ts';
import type { StreamGraph } from './stream-graph.ts';
import { requiredSerde } from './store-plan.ts';
import type { StreamState } from './stream-state.ts';

const topicSuffix = '-repartition';

export interface RepartitionPlan<K, V> {
  /** The name of the topic, with or without its suffix. */
  readonly name: string;
  readonly keySerde: Serde<K> | undefined;
  readonly valueSerde: Serde<V> | undefined;
  readonly partitioner?: StreamPartitioner<K, V> | undefined;
  /** Undefined: as many as the topics upstream have. */
  readonly partitionCount?: number | undefined;
}

export interface Repartition {
  /** The source that reads the topic. */
  readonly sourceName: string;
  /** Filter, sink and source. The caller adds it to the graph. */
  readonly node: GraphNode;
}

/** Plans a topic through which all records of a key come to one partition. Draws three indexes. */
export function repartition<K, V>(graph: StreamGraph, plan: RepartitionPlan<K, V>): Repartition {
  const topic = plan.name.endsWith(topicSuffix) ? plan.name : `${plan.name}${topicSuffix}`;
  const drawn = {
    sink: graph.names.node('KSTREAM-SINK-'),
    filter: graph.names.node('KSTREAM-FILTER-'),
    source: graph.names.node('KSTREAM-SOURCE-'),
  };
  const named = { sink: `${topic}-sink`, filter: `${topic}-filter`, source: `${topic}-source` };
  const names = /^KSTREAM.*-[0-9]{10}$/.test(plan.name) ? drawn : named;
  return { sourceName: names.source, node: repartitionNode(topic, names, plan) };
}

function repartitionNode<K, V>(
  topic: string,
  names: { readonly sink: string; readonly filter: string; readonly source: string },
  plan: RepartitionPlan<K, V>,
): GraphNode {
  const filter = { dropsNullKeys: false };
  const remedy = 'Name it in grouped(...), repartitioned(...) or the options of the join';
  return new GraphNode({
    name: names.source,
    repartitionFilter: filter,
    write(topology, parents) {
      const keySerde = requiredSerde(plan.keySerde, `The topic ${topic}`, 'key', remedy);
      const valueSerde = requiredSerde(plan.valueSerde, `The topic ${topic}`, 'value', remedy);
      topology.addRepartitionTopic(topic, plan.partitionCount);
      const factory = filterNode((key) => !filter.dropsNullKeys || (key !== null && key !== undefined));
      topology.addProcessor({ name: names.filter, parents, factory });
      topology.addSink({
        kind: 'sink',
        name: names.sink,
        parents: [names.filter],
        keySerde,
        valueSerde,
        topic,
        ...(plan.partitioner !== undefined && { partitionOf: plan.partitioner }),
      });
      topology.addSource({
        kind: 'source',
        name: names.source,
        topics: [topic],
        keySerde,
        valueSerde,
        offsetReset: undefined,
      });
    },
  });
}

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
