import { type TableAggregateOptions, tableAggregateNode } from '../../nodes/aggregate.ts';
import { readableStore, StoredTable } from '../../nodes/table-view.ts';
import type { NodeContext } from '../../processor/node.ts';
import type { Change } from '../../processor/record.ts';
import { changed } from '../../serdes/changed.ts';
import type { Serde } from '../../serdes/serde.ts';
import { GraphNode, processorNode } from '../graph-node.ts';
import { addInternalTopic } from '../repartition.ts';
import { keyValueStoreSpec, planned, requiredSerde, storePlan, type TableOptions } from '../store-plan.ts';
import type { GroupedTableState, TableState } from '../stream-state.ts';

/** How an operator aggregates the rows of a grouped table. */
interface TableAggregation<K, V, A> extends Pick<TableAggregateOptions<K, V, A>, 'add' | 'subtract'> {
  readonly prefix: string;
  readonly valueSerde: Serde<A> | undefined;
}

/** Aggregates a grouped table after a repartition topic. */
export function aggregateTable<K, V, A>(
  grouped: GroupedTableState<K, V>,
  { prefix, valueSerde, add, subtract }: TableAggregation<K, V, A>,
  { materialized, named }: TableOptions<K, A>,
): TableState<K, A> {
  const { graph, shared, keySerde } = grouped;
  const plan = storePlan(graph.names, materialized, { prefix: 'KTABLE-AGGREGATE-', keySerde, valueSerde });
  const sink = graph.names.suffixedNode('KSTREAM-SINK-', named, '-sink');
  const source = graph.names.suffixedNode('KSTREAM-SOURCE-', named, '-source');
  const name = graph.names.node(prefix, named);
  const topic = `${grouped.repartitionName ?? plan.name}-repartition`;
  if (shared.repartitionNode === undefined || grouped.repartitionName === undefined) {
    shared.repartitionNode = tableRepartition(grouped, { sink, source, topic });
  }
  graph.add(grouped.node, shared.repartitionNode);
  const view = new StoredTable<K, A>(readableStore(plan.name));
  const node = processorNode({
    name,
    factory: (context: NodeContext<K, Change<A>>) =>
      tableAggregateNode<K, V, A>(
        { storeName: plan.name, sendOldValues: view.sendsOldValues, add, subtract },
        context,
      ),
    store: () => keyValueStoreSpec(plan),
  });
  graph.add(shared.repartitionNode, node);
  return { ...planned(plan), graph, node, name, sources: new Set([source]), view };
}

const tableRepartition = <K, V>(
  grouped: GroupedTableState<K, V>,
  names: { readonly sink: string; readonly source: string; readonly topic: string },
): GraphNode =>
  new GraphNode({
    name: names.source,
    write(topology, parents) {
      const owner = `The topic ${names.topic}`;
      const keySerde = requiredSerde(grouped.keySerde, owner, 'key', 'Name it in grouped(...)');
      const valueSerde = requiredSerde(grouped.valueSerde, owner, 'value', 'Name it in grouped(...)');
      addInternalTopic(topology, { ...names, parents, keySerde, valueSerde: changed(valueSerde) });
    },
  });
