import { filterNode } from '../nodes/stateless.ts';
import type { Serde } from '../serdes/serde.ts';
import type { TopologyBuilder } from '../topology/topology-builder.ts';
import type { SinkSpec, SourceSpec } from '../topology/topology-spec.ts';
import { GraphNode } from './graph-node.ts';
import type { RepartitionedOptions } from './options/topics.ts';
import type { StreamGraph } from './stream-graph.ts';
import { requiredSerde } from './store-plan.ts';
import type { StreamState } from './stream-state.ts';

interface InternalTopic<K, V> extends Pick<SourceSpec<K, V>, 'keySerde' | 'valueSerde'> {
  readonly topic: string;
  readonly parents: SinkSpec['parents'];
  readonly sink: string;
  readonly source: string;
  readonly partitionOf?: SinkSpec<K, V>['partitionOf'] | undefined;
  /** If undefined, the number is that of the topics upstream. */
  readonly partitionCount?: number | undefined;
}

/** Adds an internal topic, the sink that writes it and the source that reads it. */
export function addInternalTopic<K, V>(
  topology: TopologyBuilder,
  { topic, sink, source, parents, keySerde, valueSerde, partitionOf, partitionCount }: InternalTopic<K, V>,
): void {
  const serdes = { keySerde, valueSerde };
  topology.addRepartitionTopic(topic, partitionCount);
  topology.addSink({
    kind: 'sink',
    name: sink,
    parents,
    topic,
    ...serdes,
    ...(partitionOf !== undefined && { partitionOf }),
  });
  topology.addSource({ kind: 'source', name: source, topics: [topic], offsetReset: undefined, ...serdes });
}

interface RepartitionPlan<K, V> {
  /** The name of the topic, with or without its suffix. */
  readonly name: string;
  readonly keySerde: Serde<K> | undefined;
  readonly valueSerde: Serde<V> | undefined;
  readonly partitioner?: RepartitionedOptions<K, V>['partitioner'] | undefined;
  readonly partitionCount?: number | undefined;
}

/** A stream after a repartition topic, which brings all records of a key to one partition. */
interface Repartition {
  readonly sourceName: string;
  /** The node of filter, sink and source. The caller adds it to the graph. */
  readonly node: GraphNode;
}

/** Plans a repartition topic. Takes three indexes. */
export function repartition<K, V>({ names }: StreamGraph, plan: RepartitionPlan<K, V>): Repartition {
  const topic = plan.name.endsWith('-repartition') ? plan.name : `${plan.name}-repartition`;
  const drawn = {
    sink: names.node('KSTREAM-SINK-'),
    filter: names.node('KSTREAM-FILTER-'),
    source: names.node('KSTREAM-SOURCE-'),
  };
  const named = { sink: `${topic}-sink`, filter: `${topic}-filter`, source: `${topic}-source` };
  const { sink, filter, source } = /^KSTREAM.*-[0-9]{10}$/.test(plan.name) ? drawn : named;
  const repartitionFilter = { dropsNullKeys: false };
  const remedy = 'Name it in grouped(...), repartitioned(...) or the options of the join';
  const node = new GraphNode({
    name: source,
    repartitionFilter,
    write(topology, parents) {
      const keySerde = requiredSerde(plan.keySerde, `The topic ${topic}`, 'key', remedy);
      const valueSerde = requiredSerde(plan.valueSerde, `The topic ${topic}`, 'value', remedy);
      const isKept = (key: unknown) =>
        !repartitionFilter.dropsNullKeys || (key !== null && key !== undefined);
      topology.addProcessor({ name: filter, parents, factory: filterNode(isKept) });
      const { partitioner: partitionOf, partitionCount } = plan;
      const topicParts = { topic, sink, source, parents: [filter], keySerde, valueSerde };
      addInternalTopic(topology, { ...topicParts, partitionOf, partitionCount });
    },
  });
  return { sourceName: source, node };
}

/** Sends a stream through a topic, so that all records of a key come to one partition. */
export function repartitionStream<K, V>(
  stream: StreamState<K, V>,
  { name, partitionCount, partitioner, ...serdes }: RepartitionedOptions<K, V>,
): StreamState<K, V> {
  const { graph } = stream;
  const keySerde = serdes.keySerde ?? stream.keySerde;
  const valueSerde = serdes.valueSerde ?? stream.valueSerde;
  const topic = name ?? graph.names.node('KSTREAM-REPARTITION-');
  const planned = repartition(graph, { name: topic, keySerde, valueSerde, partitioner, partitionCount });
  return behind(planned, graph.add(stream.node, planned.node), { graph, keySerde, valueSerde });
}

type RepartitionForJoin<K, V> = Pick<StreamState<K, V>, 'keySerde' | 'valueSerde'> & {
  /** The user's name, or undefined. */
  readonly named: string | undefined;
};

/**
 * Brings all records of a key to one partition. Joins without a name share the stream's topic, but
 * each takes its own indexes, as in Kafka Streams.
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
  return behind(planned, node, { graph, keySerde, valueSerde });
}

const behind = <K, V>(
  { sourceName }: Repartition,
  node: GraphNode,
  stream: Pick<StreamState<K, V>, 'graph' | 'keySerde' | 'valueSerde'>,
): StreamState<K, V> => ({
  ...stream,
  node,
  name: sourceName,
  sources: new Set([sourceName]),
  repartitionRequired: false,
});
