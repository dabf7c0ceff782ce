import { streamAggregateNode } from '../../nodes/aggregate.ts';
import { type ReadableTable, readableStore, StoredTable } from '../../nodes/table-view.ts';
import type { LateOutputs } from '../../nodes/windowed-aggregation.ts';
import type { Node, NodeContext } from '../../processor/node.ts';
import type { Change } from '../../processor/record.ts';
import { type EmitStrategy, onWindowUpdate, type Windowed } from '../../processor/windows.ts';
import type { Serde } from '../../serdes/serde.ts';
import { serdes } from '../../serdes/serdes.ts';
import type { StoreSpec } from '../../state/store-spec.ts';
import { type GraphNode, processorNode } from '../graph-node.ts';
import { repartition } from '../repartition.ts';
import { keyValueStoreSpec, planned, type StorePlan, storePlan, type TableOptions } from '../store-plan.ts';
import type { GroupedStreamState, TableState, WindowedStreamState } from '../stream-state.ts';
import type { Aggregator, Reducer, SessionMerger } from '../user-functions.ts';
import {
  type AnyWindows,
  closeDelayMs,
  readableWindows,
  type WindowedNodeOptions,
  windowedKeySerde,
  windowedNode,
  windowedStoreSpec,
} from '../window-kinds.ts';

export type Aggregators<K, V, A> = Pick<WindowedNodeOptions<K, V, A>, 'initialize' | 'aggregate' | 'merge'>;

/** How an operator aggregates the records of a grouped stream. */
interface StreamAggregation<K, V, A> extends Aggregators<K, V, A> {
  readonly prefix: string;
  readonly valueSerde?: Serde<A> | undefined;
  /**
   * Whether `count` skips an index of the generated names. Kafka Streams does so, except for
   * sliding windows.
   */
  readonly drawsIndex?: boolean;
}

export const counting: StreamAggregation<unknown, unknown, number> = {
  prefix: 'KSTREAM-AGGREGATE-',
  valueSerde: serdes.safeLong,
  drawsIndex: true,
  initialize: () => 0,
  aggregate: (_key, _value, total) => (total ?? 0) + 1,
  merge: (_key, one, other) => (one ?? 0) + (other ?? 0),
};

export function reducing<K, V>(
  reducer: Reducer<V>,
  valueSerde: Serde<V> | undefined,
): StreamAggregation<K, V, V> {
  const reduced = (one: V | null, other: V) => (one === null ? other : reducer(one, other));
  return {
    prefix: 'KSTREAM-REDUCE-',
    valueSerde,
    initialize: () => null,
    aggregate: (_key, value, aggregate) => reduced(aggregate, value),
    merge: (_key, one, other) => reduced(one, other as V),
  };
}

/** Builds the aggregators. Only sessions need the merger, which joins two of them. */
export const aggregating = <K, V, A>(
  initialize: () => A,
  aggregator: Aggregator<K, V, A>,
  merger?: SessionMerger<K, A>,
): StreamAggregation<K, V, A> => ({
  prefix: 'KSTREAM-AGGREGATE-',
  initialize,
  aggregate: (key, value, aggregate) => aggregator(key, value, aggregate as A),
  merge: mergeOf(merger),
});

export const mergeOf =
  <K, A>(merger: SessionMerger<K, A> | undefined) =>
  (key: K, one: A | null, other: A | null): A | null =>
    merger === undefined ? one : merger(key, one as A, other as A);

/** How the results of an aggregation are stored: by key, or by key and window. */
export interface ResultPlan<K, KOut, A> {
  readonly store: StorePlan<K, A>;
  readonly keySerde: Serde<KOut> | undefined;
  readonly readable: ReadableTable<KOut, A>;
  readonly emitStrategy: EmitStrategy;
  readonly gracePeriodMs?: number;
  readonly storeSpec: () => StoreSpec;
  node<V>(options: WindowedNodeOptions<K, V, A>, context: NodeContext<KOut, Change<A>>): Node<K, V>;
}

export const byKey = <K, A>(store: StorePlan<K, A>): ResultPlan<K, K, A> => ({
  store,
  keySerde: store.keySerde,
  readable: readableStore(store.name),
  emitStrategy: onWindowUpdate,
  storeSpec: () => keyValueStoreSpec(store),
  node: streamAggregateNode,
});

export const byWindow = <K, A>(
  store: StorePlan<K, A>,
  windows: AnyWindows,
  emitStrategy: EmitStrategy,
): ResultPlan<K, Windowed<K>, A> => ({
  store,
  keySerde: store.keySerde && windowedKeySerde(windows, store.keySerde),
  readable: readableWindows(windows, store.name),
  emitStrategy,
  gracePeriodMs: closeDelayMs(windows),
  storeSpec: () => windowedStoreSpec(windows, store, emitStrategy),
  node: (options, context) => windowedNode(windows, options, context),
});

/** Aggregates a grouped stream, after a repartition if the key may have changed. */
export function aggregateStream<K, V, A>(
  grouped: GroupedStreamState<K, V>,
  aggregation: StreamAggregation<K, V, A>,
  options: TableOptions<K, A>,
): TableState<K, A> {
  const result = byKey(resultStore(grouped, aggregation, options));
  return addAggregation(grouped, result, { aggregation, named: options.named, onLate: undefined });
}

export function aggregateWindows<K, V, A>(
  { grouped, windows, emitStrategy, onLate }: WindowedStreamState<K, V>,
  aggregation: StreamAggregation<K, V, A>,
  options: TableOptions<K, A>,
): TableState<Windowed<K>, A> {
  const store = resultStore(grouped, aggregation, options, windows);
  const result = byWindow(store, windows, emitStrategy);
  return addAggregation(grouped, result, { aggregation, named: options.named, onLate });
}

function resultStore<K, V, A>(
  { graph, keySerde }: GroupedStreamState<K, V>,
  { prefix, valueSerde, drawsIndex = false }: StreamAggregation<K, V, A>,
  { materialized }: TableOptions<K, A>,
  windows?: AnyWindows,
): StorePlan<K, A> {
  const isUnnamed = materialized !== undefined && materialized.name === undefined;
  if (drawsIndex && isUnnamed && windows?.kind !== 'sliding') graph.names.store(prefix);
  return storePlan(graph.names, materialized, { prefix, keySerde, valueSerde });
}

interface AggregationParts<K, V, A> {
  readonly aggregation: StreamAggregation<K, V, A>;
  readonly named: string | undefined;
  readonly onLate: WindowedStreamState<K, V>['onLate'];
}

function addAggregation<K, V, KOut, A>(
  grouped: GroupedStreamState<K, V>,
  result: ResultPlan<K, KOut, A>,
  { aggregation, named, onLate }: AggregationParts<K, V, A>,
): TableState<KOut, A> {
  const { graph } = grouped;
  const name = graph.names.node(aggregation.prefix, named);
  const outputs = onLate && lateOutputs(name);
  const { node: parent, sources } = repartitioned(grouped, result.store.name);
  const view = new StoredTable<KOut, A>(result.readable);
  const node = graph.add(parent, aggregationNode(name, result, { view, outputs, ...aggregation }));
  const table = { ...planned(result.store), keySerde: result.keySerde, graph, node, name, sources, view };
  if (outputs === undefined) return table;
  onLate?.({
    ...grouped,
    ...table.graph.addPass(table.node, outputs.late),
    sources,
    repartitionRequired: false,
  });
  return { ...table, ...table.graph.addPass(table.node, outputs.updates) };
}

interface AggregationNodeParts<K, V, KOut, A> extends Aggregators<K, V, A> {
  readonly view: StoredTable<KOut, A>;
  readonly outputs: LateOutputs | undefined;
}

export function aggregationNode<K, V, KOut, A>(
  name: string,
  { store, emitStrategy, gracePeriodMs, storeSpec, node }: ResultPlan<K, KOut, A>,
  { view, ...aggregation }: AggregationNodeParts<K, V, KOut, A>,
): GraphNode {
  const options = { ...aggregation, storeName: store.name, emitStrategy };
  return processorNode({
    name,
    gracePeriodMs,
    factory: (context: NodeContext<KOut, Change<A>>) =>
      node<V>({ ...options, sendOldValues: view.sendsOldValues }, context),
    store: storeSpec,
  });
}

export interface Parent {
  readonly node: GraphNode;
  readonly sources: ReadonlySet<string>;
}

function repartitioned<K, V>(grouped: GroupedStreamState<K, V>, storeName: string): Parent {
  if (!grouped.repartitionRequired) return grouped;
  const { graph, keySerde, valueSerde, repartitionName, shared } = grouped;
  const behind = repartition(graph, { name: repartitionName ?? storeName, keySerde, valueSerde });
  const node = repartitionName === undefined ? behind.node : (shared.repartitionNode ?? behind.node);
  shared.repartitionNode = node;
  graph.add(grouped.node, node);
  return { node, sources: new Set([behind.sourceName]) };
}

/** The names of a windowed aggregation's children if late records have a listener. */
export const lateOutputs = (name: string): LateOutputs => ({
  updates: `${name}-updates`,
  late: `${name}-late`,
});
