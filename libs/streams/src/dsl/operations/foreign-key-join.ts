import {
  type ForeignKeyJoin,
  foreignTableJoinNode,
  responseJoinNode,
  subscriptionJoinNode,
  subscriptionReceiveNode,
  SubscriptionSendNode,
} from '../../nodes/foreign-key-join.ts';
import type { NodeContext } from '../../processor/node.ts';
import {
  type Subscription,
  type SubscriptionResponse,
  subscriptionResponseSerde,
  subscriptionSerde,
} from '../../serdes/foreign-key-serdes.ts';
import { serdes } from '../../serdes/serdes.ts';
import type { KeyValueStoreSpec } from '../../state/store-spec.ts';
import { GraphNode, processorNode } from '../graph-node.ts';
import type { OperatorNames } from '../operator-names.ts';
import type { TableJoined } from '../options/joins.ts';
import type { Materialized } from '../options/stores.ts';
import { addInternalTopic } from '../repartition.ts';
import { requiredSerde, storePlan } from '../store-plan.ts';
import type { TableState } from '../stream-state.ts';
import { addSourceTable } from './sources.ts';

interface ForeignKeyJoinPlan<K, V, KForeign, VForeign, VOut> {
  /** Returns null if the row has no foreign key. */
  readonly foreignKeyOf: (value: V, key: K) => KForeign | null;
  readonly joiner: (value: V, foreignValue: VForeign | null) => VOut | null;
  readonly isLeft: boolean;
  readonly tableJoined: TableJoined<K, KForeign> | undefined;
  readonly materialized: Materialized<K, VOut> | undefined;
}

/**
 * Joins each row of a table with the row of another table that it names. The rows meet where the
 * other table is, and the results come back over a second topic (KIP-213).
 */
export function joinByForeignKey<K, V, KForeign, VForeign, VOut>(
  table: TableState<K, V>,
  foreignTable: TableState<KForeign, VForeign>,
  plan: ForeignKeyJoinPlan<K, V, KForeign, VForeign, VOut>,
): TableState<K, VOut> {
  foreignTable.view.enableSendingOldValues(true);
  table.view.enableSendingOldValues(true);
  const { graph, keySerde } = table;
  const { tableJoined = {}, isLeft, joiner, foreignKeyOf, materialized } = plan;
  const names = foreignKeyJoinNames(graph.names, tableJoined.name);
  const join = foreignKeyJoin(table, foreignTable, names, isLeft);
  const sides = { table, foreignTable, names, join, tableJoined };
  const responses = addSubscriptions(sides, foreignKeyOf);
  const resolver = addResponses(sides, responses, joiner);
  const store = storePlan(graph.names, materialized, { prefix: 'KTABLE-FK-JOIN-OUTPUT-', keySerde });
  const sources = new Set([...table.sources, names.responseSource]);
  return { ...addSourceTable({ graph, node: resolver, sources }, names.result, store), keySerde };
}

function foreignKeyJoin<K, V, KForeign, VForeign>(
  table: TableState<K, V>,
  foreignTable: TableState<KForeign, VForeign>,
  names: ForeignKeyJoinNames,
  isLeft: boolean,
): ForeignKeyJoin<K, V, KForeign, VForeign> {
  const remedy = 'Name it in materialized(...) of the table';
  const left = `The left table ${table.name} of a foreign-key join`;
  const right = `The right table ${foreignTable.name} of a foreign-key join`;
  return {
    subscriptionTopic: names.subscriptionTopic,
    subscriptionStoreName: names.subscriptionStore,
    keySerde: requiredSerde(table.keySerde, left, 'key', remedy),
    valueSerde: requiredSerde(table.valueSerde, left, 'value', remedy),
    foreignKeySerde: requiredSerde(foreignTable.keySerde, right, 'key', remedy),
    foreignValueSerde: requiredSerde(foreignTable.valueSerde, right, 'value', remedy),
    isLeft,
  };
}

/** The two tables of a foreign-key join, and the plan of the join. */
interface ForeignKeySides<K, V, KForeign, VForeign> {
  readonly table: TableState<K, V>;
  readonly foreignTable: TableState<KForeign, VForeign>;
  readonly names: ForeignKeyJoinNames;
  readonly join: ForeignKeyJoin<K, V, KForeign, VForeign>;
  readonly tableJoined: TableJoined<K, KForeign>;
}

type ForeignKeyJoinNames = ReturnType<typeof foreignKeyJoinNames>;

const registration = 'KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-';
const processor = 'KTABLE-FK-JOIN-SUBSCRIPTION-PROCESSOR-';
const response = 'KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-';

/** Generates the names of a foreign-key join, in the order of Kafka Streams. */
function foreignKeyJoinNames(names: OperatorNames, named: string | undefined) {
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

/**
 * Sends the left rows to the partition of the right table. Returns the two nodes that respond to
 * them.
 */
function addSubscriptions<K, V, KForeign, VForeign>(
  { table, foreignTable, names, join, tableJoined }: ForeignKeySides<K, V, KForeign, VForeign>,
  foreignKeyOf: (value: V, key: K) => KForeign | null,
): readonly [GraphNode, GraphNode] {
  const { graph } = table;
  const send = processorNode({
    name: names.send,
    factory: (context: NodeContext<KForeign | null, Subscription>) =>
      new SubscriptionSendNode({ ...join, foreignKeyOf }, context),
  });
  graph.add(table.node, send);
  const { otherPartitioner } = tableJoined;
  const topic = new GraphNode({
    name: names.subscriptionSource,
    write: (topology, parents) =>
      addInternalTopic<KForeign, Subscription>(topology, {
        topic: names.subscriptionTopic,
        sink: names.subscriptionSink,
        source: names.subscriptionSource,
        parents,
        keySerde: join.foreignKeySerde,
        valueSerde: subscriptionSerde,
        partitionOf: otherPartitioner && ((name, key, _value, count) => otherPartitioner(name, key, count)),
      }),
  });
  graph.add(send, topic);
  graph.copartition([...foreignTable.sources, names.subscriptionSource]);

  const store = subscriptionStore(names.subscriptionStore);
  const receive = processorNode({
    name: names.receive,
    factory: (context: NodeContext<KForeign | null, Subscription>) => subscriptionReceiveNode(join, context),
    store: () => store,
  });
  graph.add(topic, receive);
  const readable = foreignTable.view.readable();
  type ResponseContext = NodeContext<K | null, SubscriptionResponse<VForeign>>;
  const subscriptionJoin = processorNode({
    name: names.join,
    factory: (context: ResponseContext) => subscriptionJoinNode({ ...join, foreignTable: readable }, context),
    storeNames: readable.storeNames,
  });
  const foreignTableJoin = processorNode({
    name: names.foreignTableJoin,
    factory: (context: ResponseContext) => foreignTableJoinNode(join, context),
    store: () => store,
  });
  return [graph.add(receive, subscriptionJoin), graph.add(foreignTable.node, foreignTableJoin)];
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

/**
 * Sends the responses back to the partition that the subscription came from, unless the user's
 * partitioner chooses another one. Returns the node that turns them into results.
 */
function addResponses<K, V, KForeign, VForeign, VOut>(
  { table, names, join, tableJoined: { partitioner } }: ForeignKeySides<K, V, KForeign, VForeign>,
  responding: readonly [GraphNode, GraphNode],
  joiner: (value: V, foreignValue: VForeign | null) => VOut | null,
): GraphNode {
  const { graph } = table;
  const topic = new GraphNode({
    name: names.responseSource,
    write: (topology, parents) =>
      addInternalTopic<K, SubscriptionResponse<VForeign>>(topology, {
        topic: names.responseTopic,
        sink: names.responseSink,
        source: names.responseSource,
        parents,
        keySerde: join.keySerde,
        valueSerde: subscriptionResponseSerde(join.foreignValueSerde),
        partitionOf: (name, key, { primaryPartition }, count) =>
          partitioner === undefined ? (primaryPartition ?? undefined) : partitioner(name, key, count),
      }),
  });
  graph.add(responding, topic);
  graph.copartition([...table.sources, names.responseSource]);
  const readable = table.view.readable();
  const resolver = processorNode({
    name: names.resolver,
    factory: (context: NodeContext<K, VOut | null>) =>
      responseJoinNode({ ...join, table: readable, joiner }, context),
    storeNames: readable.storeNames,
  });
  return graph.add(topic, resolver);
}
