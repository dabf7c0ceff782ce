import { responseJoinNode } from '../../nodes/foreign-key-join.ts';
import { subscriptionResponseSerde, type SubscriptionResponse } from '../../serdes/subscription-response.ts';
import type { SinkSpec, SourceSpec } from '../../topology/topology-spec.ts';
import { GraphNode } from '../graph-node.ts';
import { statefulNode, type ForeignKeySides } from './foreign-key-sides.ts';

/** Sends the responses back to where the left table is. Returns the node that makes results of them. */
export function addResponses<K, V, KForeign, VForeign, VOut>(
  sides: ForeignKeySides<K, V, KForeign, VForeign>,
  responding: readonly [GraphNode, GraphNode],
  joiner: (value: V, foreignValue: VForeign | null) => VOut | null,
): GraphNode {
  const { table, names, join } = sides;
  const { graph } = table;
  const sink = graph.add(responding, responseSink(sides));
  const source = graph.add(sink, responseSource(sides));
  graph.copartition([...table.sources, names.responseSource]);
  const readable = table.view.readable();
  const resolver = statefulNode({
    name: names.resolver,
    factory: (context) => responseJoinNode({ ...join, table: readable, joiner }, context),
    storeNames: readable.storeNames,
  });
  return graph.add(source, resolver);
}

/** A response goes to the partition that its subscription came from, unless the user says otherwise. */
function responseSink<K, V, KForeign, VForeign>({
  names,
  join,
  tableJoined: { partitioner },
}: ForeignKeySides<K, V, KForeign, VForeign>): GraphNode {
  const name = names.responseSink;
  return new GraphNode({
    name,
    write(topology, parents) {
      const sink: SinkSpec<K, SubscriptionResponse<VForeign>> = {
        kind: 'sink',
        name,
        parents,
        keySerde: join.keySerde,
        valueSerde: subscriptionResponseSerde(join.foreignValueSerde),
        topic: names.responseTopic,
        partitionOf: (topic, key, { primaryPartition }, partitionCount) =>
          partitioner === undefined
            ? (primaryPartition ?? undefined)
            : partitioner(topic, key, partitionCount),
      };
      topology.addRepartitionTopic(names.responseTopic);
      topology.addSink(sink);
    },
  });
}

function responseSource<K, V, KForeign, VForeign>({
  names,
  join,
}: ForeignKeySides<K, V, KForeign, VForeign>): GraphNode {
  const source: SourceSpec<K, SubscriptionResponse<VForeign>> = {
    kind: 'source',
    name: names.responseSource,
    topics: [names.responseTopic],
    keySerde: join.keySerde,
    valueSerde: subscriptionResponseSerde(join.foreignValueSerde),
    offsetReset: undefined,
  };
  return new GraphNode({ name: source.name, write: (topology) => topology.addSource(source) });
}
