import {
  SubscriptionSendNode,
  subscriptionReceiveNode,
  subscriptionJoinNode,
  foreignTableJoinNode,
} from '../../nodes/foreign-key-join.ts';
import { serdes } from '../../serdes/serdes.ts';
import { subscriptionSerde, type Subscription } from '../../serdes/subscription.ts';
import type { KeyValueStoreSpec } from '../../state/store-spec.ts';
import type { SinkSpec, SourceSpec } from '../../topology/topology-spec.ts';
import { GraphNode } from '../graph-node.ts';
import { statefulNode, type ForeignKeySides } from './foreign-key-sides.ts';

/** Sends the left rows to where the right table is. Returns the two nodes that respond to them. */
export function addSubscriptions<K, V, KForeign, VForeign>(
  sides: ForeignKeySides<K, V, KForeign, VForeign>,
  foreignKeyOf: (value: V, key: K) => KForeign | null,
): readonly [GraphNode, GraphNode] {
  const { table, foreignTable, names, join } = sides;
  const { graph } = table;
  const send = statefulNode({
    name: names.send,
    factory: (context) => new SubscriptionSendNode({ ...join, foreignKeyOf }, context),
  });
  graph.add(table.node, send);
  const sink = graph.add(send, subscriptionSink(sides));
  const source = graph.add(sink, subscriptionSource(sides));
  graph.copartition([...foreignTable.sources, names.subscriptionSource]);

  const store = subscriptionStore(names.subscriptionStore);
  const receive = statefulNode({
    name: names.receive,
    factory: (context) => subscriptionReceiveNode(join, context),
    stores: [store],
  });
  graph.add(source, receive);
  const readable = foreignTable.view.readable();
  const subscriptionJoin = statefulNode({
    name: names.join,
    factory: (context) => subscriptionJoinNode({ ...join, foreignTable: readable }, context),
    storeNames: readable.storeNames,
  });
  const foreignTableJoin = statefulNode({
    name: names.foreignTableJoin,
    factory: (context) => foreignTableJoinNode(join, context),
    stores: [store],
  });
  return [graph.add(receive, subscriptionJoin), graph.add(foreignTable.node, foreignTableJoin)];
}

function subscriptionSink<K, V, KForeign, VForeign>({
  names,
  join,
  tableJoined,
}: ForeignKeySides<K, V, KForeign, VForeign>): GraphNode {
  const name = names.subscriptionSink;
  const { otherPartitioner } = tableJoined;
  return new GraphNode({
    name,
    write(topology, parents) {
      const sink: SinkSpec<KForeign, Subscription> = {
        kind: 'sink',
        name,
        parents,
        keySerde: join.foreignKeySerde,
        valueSerde: subscriptionSerde,
        topic: names.subscriptionTopic,
        ...(otherPartitioner !== undefined && {
          partitionOf: (topic, key, _value, partitionCount) => otherPartitioner(topic, key, partitionCount),
        }),
      };
      topology.addRepartitionTopic(names.subscriptionTopic);
      topology.addSink(sink);
    },
  });
}

function subscriptionSource<K, V, KForeign, VForeign>({
  names,
  join,
}: ForeignKeySides<K, V, KForeign, VForeign>): GraphNode {
  const source: SourceSpec<KForeign, Subscription> = {
    kind: 'source',
    name: names.subscriptionSource,
    topics: [names.subscriptionTopic],
    keySerde: join.foreignKeySerde,
    valueSerde: subscriptionSerde,
    offsetReset: undefined,
  };
  return new GraphNode({ name: source.name, write: (topology) => topology.addSource(source) });
}

const subscriptionStore = (name: string): KeyValueStoreSpec<Uint8Array, Subscription> => ({
  kind: 'key_value',
  name,
  keySerde: serdes.bytes,
  valueSerde: subscriptionSerde,
  timestamped: true,
  caching: false,
  logsHeaders: true,
  logConfigs: {},
  inMemory: false,
});
