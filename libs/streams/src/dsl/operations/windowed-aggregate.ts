import { passNode } from '../../nodes/stateless.ts';
import { StoredTable } from '../../nodes/table-view.ts';
import type { LateOutputs } from '../../nodes/windowed-aggregation.ts';
import type { Windowed } from '../../processor/windows.ts';
import { serdes } from '../../serdes/serdes.ts';
import { GraphNode } from '../graph-node.ts';
import { type StorePlan, storePlan } from '../store-plan.ts';
import type { StreamGraph } from '../stream-graph.ts';
import type { TableState, WindowedStreamState } from '../stream-state.ts';
import {
  closeDelayMs,
  readableWindows,
  windowedKeySerde,
  windowedNode,
  windowedStoreSpec,
} from '../window-kinds.ts';
import { type AggregateOptions, addStreamAggregation } from './stream-aggregate.ts';
import type { Reducer } from '../user-functions.ts';

type WindowedTable<K, A> = TableState<Windowed<K>, A>;

export function windowedCount<K, V>(
  windowed: WindowedStreamState<K, V>,
  { materialized, named }: AggregateOptions<K, number>,
): WindowedTable<K, number> {
  const { graph, keySerde } = windowed.grouped;
  // Kafka Streams draws an index for nothing here, but not for sliding windows.
  const isUnnamed = materialized !== undefined && materialized.name === undefined;
  if (isUnnamed && windowed.windows.kind !== 'sliding') graph.names.store('KSTREAM-AGGREGATE-');
  const prefix = 'KSTREAM-AGGREGATE-';
  const plan = storePlan(graph.names, materialized, { prefix, keySerde, valueSerde: serdes.safeLong });
  return addWindowed(windowed, plan, graph.names.node(prefix, named), {
    initialize: () => 0,
    aggregate: (_key, _value, total) => (total ?? 0) + 1,
    merge: (_key, one, other) => (one ?? 0) + (other ?? 0),
  });
}

export function windowedReduce<K, V>(
  windowed: WindowedStreamState<K, V>,
  reducer: Reducer<V>,
  { materialized, named }: AggregateOptions<K, V>,
): WindowedTable<K, V> {
  const { graph, keySerde, valueSerde } = windowed.grouped;
  const prefix = 'KSTREAM-REDUCE-';
  const plan = storePlan(graph.names, materialized, { prefix, keySerde, valueSerde });
  const reduced = (one: V | null, other: V) => (one === null ? other : reducer(one, other));
  return addWindowed(windowed, plan, graph.names.node(prefix, named), {
    initialize: () => null,
    aggregate: (_key, value, aggregate) => reduced(aggregate, value),
    merge: (_key, one, other) => reduced(one, other as V),
  });
}

export interface Aggregators<K, V, A> {
  initialize(): A | null;
  aggregate(key: K, value: V, aggregate: A | null): A | null;
  /** Joins two sessions. Windows of the other kinds never need it. */
  merge(key: K, one: A | null, other: A | null): A | null;
}

export function windowedAggregate<K, V, A>(
  windowed: WindowedStreamState<K, V>,
  aggregators: Aggregators<K, V, A>,
  { materialized, named }: AggregateOptions<K, A>,
): WindowedTable<K, A> {
  const { graph, keySerde } = windowed.grouped;
  const prefix = 'KSTREAM-AGGREGATE-';
  const plan = storePlan(graph.names, materialized, { prefix, keySerde });
  return addWindowed(windowed, plan, graph.names.node(prefix, named), aggregators);
}

function addWindowed<K, V, A>(
  { grouped, windows, emitStrategy, onLate }: WindowedStreamState<K, V>,
  plan: StorePlan<K, A>,
  name: string,
  aggregators: Aggregators<K, V, A>,
): WindowedTable<K, A> {
  const storeName = plan.name;
  const view = new StoredTable<Windowed<K>, A>(readableWindows(windows, storeName));
  const outputs = onLate && lateOutputs(name);
  const aggregation = { storeName, emitStrategy, outputs, ...aggregators };
  const table = addStreamAggregation<K, V, Windowed<K>, A>(grouped, {
    name,
    storeName,
    queryableStoreName: plan.isQueryable ? storeName : undefined,
    keySerde: plan.keySerde && windowedKeySerde(windows, plan.keySerde),
    valueSerde: plan.valueSerde,
    view,
    gracePeriodMs: closeDelayMs(windows),
    write(topology, parents) {
      topology.addProcessor({
        name,
        parents,
        factory: (context) =>
          windowedNode<K, V, A>(windows, { ...aggregation, sendOldValues: view.sendsOldValues }, context),
      });
      topology.addStore(windowedStoreSpec(windows, plan, emitStrategy), name);
    },
  });
  if (outputs === undefined) return table;
  const sources = table.sources;
  onLate?.({ ...grouped, ...addOutput(table, outputs.late), sources, repartitionRequired: false });
  return { ...table, ...addOutput(table, outputs.updates) };
}

/** The names of the children of a windowed aggregation whose late records have a listener. */
export const lateOutputs = (name: string): LateOutputs => ({
  updates: `${name}-updates`,
  late: `${name}-late`,
});

/** Adds a node that gets a part of what the aggregation forwards. Its name takes no index. */
export function addOutput(
  { graph, node: aggregation }: { readonly graph: StreamGraph; readonly node: GraphNode },
  name: string,
): { readonly node: GraphNode; readonly name: string } {
  const node = new GraphNode({
    name,
    write: (topology, parents) => topology.addProcessor({ name, parents, factory: passNode() }),
  });
  return { node: graph.add(aggregation, node), name };
}
