import { readableStore, StoredTable } from '../../nodes/table-view.ts';
import { tableAggregateNode } from '../../nodes/aggregate.ts';
import { changed } from '../../serdes/changed.ts';
import { serdes } from '../../serdes/serdes.ts';
import { GraphNode } from '../graph-node.ts';
import { keyValueStoreSpec, requiredSerde, storePlan, type StorePlan } from '../store-plan.ts';
import type { TableState, GroupedTableState } from '../stream-state.ts';
import type { TableOptions } from './derived-tables.ts';

const storePrefix = 'KTABLE-AGGREGATE-';

export function countTable<K, V>(
  grouped: GroupedTableState<K, V>,
  options: TableOptions<K, number>,
): TableState<K, number> {
  const plan = storePlan(grouped.graph.names, options.materialized, {
    prefix: storePrefix,
    keySerde: grouped.keySerde,
    valueSerde: serdes.safeLong,
  });
  const add = (_key: K, _value: V, total: number | null) => (total ?? 0) + 1;
  const subtract = (_key: K, _value: V, total: number) => total - 1;
  return addTableAggregate(grouped, {
    prefix: 'KTABLE-AGGREGATE-',
    named: options.named,
    plan,
    add,
    subtract,
  });
}

export function reduceTable<K, V>(
  grouped: GroupedTableState<K, V>,
  adder: (aggregate: V, value: V) => V | null,
  subtractor: (aggregate: V, value: V) => V | null,
  options: TableOptions<K, V>,
): TableState<K, V> {
  const { keySerde, valueSerde } = grouped;
  const plan = storePlan(grouped.graph.names, options.materialized, {
    prefix: storePrefix,
    keySerde,
    valueSerde,
  });
  const add = (_key: K, value: V, before: V | null) => (before === null ? value : adder(before, value));
  const subtract = (_key: K, value: V, before: V) => subtractor(before, value);
  return addTableAggregate(grouped, { prefix: 'KTABLE-REDUCE-', named: options.named, plan, add, subtract });
}

export function aggregateTable<K, V, A>(
  grouped: GroupedTableState<K, V>,
  initialize: () => A,
  adder: (key: K, value: V, aggregate: A) => A | null,
  subtractor: (key: K, value: V, aggregate: A) => A | null,
  options: TableOptions<K, A>,
): TableState<K, A> {
  const plan = storePlan(grouped.graph.names, options.materialized, {
    prefix: storePrefix,
    keySerde: grouped.keySerde,
  });
  const add = (key: K, value: V, before: A | null) => adder(key, value, before ?? initialize());
  return addTableAggregate(grouped, {
    prefix: 'KTABLE-AGGREGATE-',
    named: options.named,
    plan,
    add,
    subtract: subtractor,
  });
}

interface TableAggregatePlan<K, V, A> {
  readonly prefix: string;
  readonly named: string | undefined;
  readonly plan: StorePlan<K, A>;
  readonly add: (key: K, value: V, aggregate: A | null) => A | null;
  readonly subtract: (key: K, value: V, aggregate: A) => A | null;
}

function addTableAggregate<K, V, A>(
  grouped: GroupedTableState<K, V>,
  { prefix, named, plan, add, subtract }: TableAggregatePlan<K, V, A>,
): TableState<K, A> {
  const { graph, shared } = grouped;
  const sinkName = graph.names.suffixedNode('KSTREAM-SINK-', named, '-sink');
  const sourceName = graph.names.suffixedNode('KSTREAM-SOURCE-', named, '-source');
  const name = graph.names.node(prefix, named);
  const topic = `${grouped.repartitionName ?? plan.name}-repartition`;
  if (shared.repartitionNode === undefined || grouped.repartitionName === undefined) {
    shared.repartitionNode = tableRepartition(grouped, { sinkName, sourceName, topic });
  }
  graph.add(grouped.node, shared.repartitionNode);
  const view = new StoredTable<K, A>(readableStore(plan.name));
  const node = new GraphNode({
    name,
    write(topology, parents) {
      topology.addProcessor({
        name,
        parents,
        factory: (context) =>
          tableAggregateNode<K, V, A>(
            { storeName: plan.name, sendOldValues: view.sendsOldValues, add, subtract },
            context,
          ),
      });
      topology.addStore(keyValueStoreSpec(plan), name);
    },
  });
  graph.add(shared.repartitionNode, node);
  return {
    graph,
    node,
    name,
    keySerde: plan.keySerde,
    valueSerde: plan.valueSerde,
    sources: new Set([sourceName]),
    view,
    queryableStoreName: plan.isQueryable ? plan.name : undefined,
  };
}

function tableRepartition<K, V>(
  { keySerde, valueSerde }: GroupedTableState<K, V>,
  names: { readonly sinkName: string; readonly sourceName: string; readonly topic: string },
): GraphNode {
  const { sinkName, sourceName, topic } = names;
  return new GraphNode({
    name: sourceName,
    write(topology, parents) {
      const owner = `The topic ${topic}`;
      const types = {
        keySerde: requiredSerde(keySerde, owner, 'key', 'Name it in grouped(...)'),
        valueSerde: changed(requiredSerde(valueSerde, owner, 'value', 'Name it in grouped(...)')),
      };
      topology.addRepartitionTopic(topic);
      topology.addSink({ kind: 'sink', name: sinkName, parents, topic, ...types });
      topology.addSource({
        kind: 'source',
        name: sourceName,
        topics: [topic],
        offsetReset: undefined,
        ...types,
      });
    },
  });
}
