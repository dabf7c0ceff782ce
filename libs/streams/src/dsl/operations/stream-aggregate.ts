import { readableStore, StoredTable, type TableView } from '../../nodes/table-view.ts';
import { streamAggregateNode } from '../../nodes/aggregate.ts';
import type { Serde } from '../../serdes/serde.ts';
import { serdes } from '../../serdes/serdes.ts';
import type { TopologyBuilder } from '../../topology/topology-builder.ts';
import { GraphNode } from '../graph-node.ts';
import type { Materialized } from '../options/stores.ts';
import { repartition } from '../repartition.ts';
import { keyValueStoreSpec, type StorePlan, storePlan } from '../store-plan.ts';
import type { TableState, GroupedStreamState } from '../stream-state.ts';
import type { Reducer } from '../user-functions.ts';

export interface AggregateOptions<K, A> {
  readonly materialized?: Materialized<K, A> | undefined;
  readonly named?: string | undefined;
}

export function count<K, V>(
  grouped: GroupedStreamState<K, V>,
  { materialized, named }: AggregateOptions<K, number>,
): TableState<K, number> {
  const { names } = grouped.graph;
  // Kafka Streams draws an index for nothing here.
  if (materialized !== undefined && materialized.name === undefined) names.store('KSTREAM-AGGREGATE-');
  const plan = storePlan(names, materialized, {
    prefix: 'KSTREAM-AGGREGATE-',
    keySerde: grouped.keySerde,
    valueSerde: serdes.safeLong,
  });
  const name = names.node('KSTREAM-AGGREGATE-', named);
  return addAggregate(grouped, {
    name,
    plan,
    initial: () => 0,
    aggregate: (_key, _value, total) => (total ?? 0) + 1,
  });
}

export function reduce<K, V>(
  grouped: GroupedStreamState<K, V>,
  reducer: Reducer<V>,
  { materialized, named }: AggregateOptions<K, V>,
): TableState<K, V> {
  const { names } = grouped.graph;
  const { keySerde, valueSerde } = grouped;
  const plan = storePlan(names, materialized, { prefix: 'KSTREAM-REDUCE-', keySerde, valueSerde });
  const name = names.node('KSTREAM-REDUCE-', named);
  const aggregate = (_key: K, value: V, before: V | null) =>
    before === null ? value : reducer(before, value);
  return addAggregate(grouped, { name, plan, initial: () => null, aggregate });
}

export function aggregate<K, V, A>(
  grouped: GroupedStreamState<K, V>,
  initialize: () => A,
  aggregator: (key: K, value: V, aggregate: A) => A | null,
  { materialized, named }: AggregateOptions<K, A>,
): TableState<K, A> {
  const { names } = grouped.graph;
  const plan = storePlan(names, materialized, { prefix: 'KSTREAM-AGGREGATE-', keySerde: grouped.keySerde });
  const name = names.node('KSTREAM-AGGREGATE-', named);
  const add = (key: K, value: V, before: A | null) => aggregator(key, value, before as A);
  return addAggregate(grouped, { name, plan, initial: initialize, aggregate: add });
}

interface AggregatePlan<K, V, A> {
  readonly name: string;
  readonly plan: StorePlan<K, A>;
  readonly initial: () => A | null;
  readonly aggregate: (key: K, value: V, aggregate: A | null) => A | null;
}

function addAggregate<K, V, A>(
  grouped: GroupedStreamState<K, V>,
  { name, plan, initial, aggregate }: AggregatePlan<K, V, A>,
): TableState<K, A> {
  const storeName = plan.name;
  const view = new StoredTable<K, A>(readableStore(storeName));
  return addStreamAggregation(grouped, {
    name,
    storeName,
    queryableStoreName: plan.isQueryable ? storeName : undefined,
    keySerde: plan.keySerde,
    valueSerde: plan.valueSerde,
    view,
    write(topology, parents) {
      topology.addProcessor({
        name,
        parents,
        factory: (context) =>
          streamAggregateNode<K, V, A>(
            { storeName, sendOldValues: view.sendsOldValues, initial, aggregate },
            context,
          ),
      });
      topology.addStore(keyValueStoreSpec(plan), name);
    },
  });
}

interface StreamAggregation<K, A> {
  readonly name: string;
  readonly storeName: string;
  readonly queryableStoreName: string | undefined;
  readonly keySerde: Serde<K> | undefined;
  readonly valueSerde: Serde<A> | undefined;
  readonly view: TableView<K, A>;
  /** Adds the processor and its stores. */
  readonly write: (topology: TopologyBuilder, parents: readonly string[]) => void;
  readonly gracePeriodMs?: number | undefined;
}

/** Adds an aggregation of a grouped stream, after a repartition if the key may have changed. */
export function addStreamAggregation<K, V, KOut, A>(
  grouped: GroupedStreamState<K, V>,
  aggregation: StreamAggregation<KOut, A>,
): TableState<KOut, A> {
  const { graph } = grouped;
  const { name, gracePeriodMs, write } = aggregation;
  const parent = grouped.repartitionRequired ? repartitioned(grouped, aggregation.storeName) : grouped;
  const node = new GraphNode({ name, write, ...(gracePeriodMs !== undefined && { gracePeriodMs }) });
  graph.add(parent.node, node);
  return {
    graph,
    node,
    name,
    sources: parent.sources,
    keySerde: aggregation.keySerde,
    valueSerde: aggregation.valueSerde,
    view: aggregation.view,
    queryableStoreName: aggregation.queryableStoreName,
  };
}

function repartitioned<K, V>(
  grouped: GroupedStreamState<K, V>,
  storeName: string,
): { readonly node: GraphNode; readonly sources: ReadonlySet<string> } {
  const { graph, keySerde, valueSerde, repartitionName, shared } = grouped;
  const planned = repartition(graph, { name: repartitionName ?? storeName, keySerde, valueSerde });
  const node = repartitionName === undefined ? planned.node : (shared.repartitionNode ?? planned.node);
  shared.repartitionNode = node;
  graph.add(grouped.node, node);
  return { node, sources: new Set([planned.sourceName]) };
}
