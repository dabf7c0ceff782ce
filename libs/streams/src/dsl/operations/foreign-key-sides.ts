import {
  type ForeignKeyJoin,
  SubscriptionSendNode,
  subscriptionReceiveNode,
  subscriptionJoinNode,
  foreignTableJoinNode,
  responseJoinNode,
} from '../../nodes/foreign-key-join.ts';
import type { NodeFactory } from '../../processor/node.ts';
import {
  subscriptionSerde,
  type Subscription,
  subscriptionResponseSerde,
  type SubscriptionResponse,
} from '../../serdes/foreign-key-serdes.ts';
import { serdes } from '../../serdes/serdes.ts';
import type { StoreSpec, KeyValueStoreSpec } from '../../state/store-spec.ts';
import type { SinkSpec, SourceSpec } from '../../topology/topology-spec.ts';
import { GraphNode } from '../graph-node.ts';
import type { OperatorNames } from '../operator-names.ts';
import type { TableJoined } from '../options/joins.ts';
import type { TableState } from '../stream-state.ts';

/** The two tables of a foreign-key join, and what was decided about it. */
interface ForeignKeySides<K, V, KForeign, VForeign> {
  readonly table: TableState<K, V>;
  readonly foreignTable: TableState<KForeign, VForeign>;
  readonly names: ForeignKeyJoinNames;
  readonly join: ForeignKeyJoin<K, V, KForeign, VForeign>;
  readonly tableJoined: TableJoined<K, KForeign>;
}

interface StatefulNode {
  readonly name: string;
  readonly factory: NodeFactory;
  /** Stores that it adds, and stores of other operators that it reads. */
  readonly stores?: readonly StoreSpec[];
  readonly storeNames?: readonly string[];
}

const statefulNode = ({ name, factory, stores = [], storeNames = [] }: StatefulNode): GraphNode =>
  new GraphNode({
    name,
    write(topology, parents) {
      topology.addProcessor({ name, parents, factory });
      for (const store of stores) topology.addStore(store, name);
      topology.connect(name, storeNames);
    },
  });

export interface ForeignKeyJoinNames {
  readonly subscriptionTopic: string;
  readonly send: string;
  readonly subscriptionSink: string;
  readonly subscriptionSource: string;
  readonly subscriptionStore: string;
  readonly receive: string;
  readonly join: string;
  readonly foreignTableJoin: string;
  readonly responseTopic: string;
  readonly responseSink: string;
  readonly responseSource: string;
  readonly resolver: string;
  readonly result: string;
}

const registration = 'KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-';
const processor = 'KTABLE-FK-JOIN-SUBSCRIPTION-PROCESSOR-';
const response = 'KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-';

/** Draws the names of a foreign-key join, in the order of Kafka Streams. */
export function foreignKeyJoinNames(names: OperatorNames, named: string | undefined): ForeignKeyJoinNames {
  const draw = (prefix: string, suffix: string) => names.suffixedNode(prefix, named, suffix);
  return {
    subscriptionTopic: `${draw(registration, '-subscription-registration')}-topic`,
    send: draw(registration, '-subscription-registration-processor'),
    subscriptionSink: draw('KTABLE-SINK-', '-subscription-registration-sink'),
    subscriptionSource: draw('KTABLE-SOURCE-', '-subscription-registration-source'),
    subscriptionStore: draw('KTABLE-FK-JOIN-SUBSCRIPTION-STATE-STORE-', '-subscription-store'),
    receive: draw(processor, '-subscription-receive'),
    join: draw(processor, '-subscription-join-foreign'),
    foreignTableJoin: draw(processor, '-foreign-join-subscription'),
    responseTopic: `${draw(response, '-subscription-response')}-topic`,
    responseSink: draw('KTABLE-SINK-', '-subscription-response-sink'),
    responseSource: draw('KTABLE-SOURCE-', '-subscription-response-source'),
    resolver: draw(`${response}RESOLVER-PROCESSOR-`, '-subscription-response-resolver'),
    result: draw('KTABLE-FK-JOIN-OUTPUT-', '-result'),
  };
}

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
