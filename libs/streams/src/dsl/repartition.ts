import { filterNode } from '../nodes/stateless.ts';
import type { StreamPartitioner } from '../processor/log-record.ts';
import type { Serde } from '../serdes/serde.ts';
import { GraphNode } from './graph-node.ts';
import type { StreamGraph } from './stream-graph.ts';
import { requiredSerde } from './store-plan.ts';

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
