import { SourceTable, tableSourceNode } from '../../nodes/source-table.ts';
import { GraphNode } from '../graph-node.ts';
import { repartition } from '../repartition.ts';
import { keyValueStoreSpec, storePlan } from '../store-plan.ts';
import type { StreamState, TableState } from '../stream-state.ts';
import type { TableOptions } from './derived-tables.ts';

const prefix = 'KSTREAM-TOTABLE-';

/** The newest value of each key of a stream. Null deletes. */
export function toTable<K, V>(
  stream: StreamState<K, V>,
  { materialized, named }: TableOptions<K, V>,
): TableState<K, V> {
  const { graph } = stream;
  const name = graph.names.node(prefix, named);
  const { keySerde, valueSerde } = stream;
  const plan = storePlan(graph.names, materialized, { prefix, keySerde, valueSerde });
  const parent = stream.repartitionRequired ? repartitioned(stream, name, plan) : stream;
  const view = new SourceTable<K, V>(plan.name, plan.isQueryable);
  const node = new GraphNode({
    name,
    write(topology, parents) {
      topology.addProcessor({
        name,
        parents,
        factory: (context) =>
          tableSourceNode<K, V>({ storeName: view.storeName, sendOldValues: view.sendsOldValues }, context),
      });
      if (view.storeName !== undefined) topology.addStore(keyValueStoreSpec(plan), name);
    },
  });
  graph.add(parent.node, node);
  return {
    graph,
    node,
    name,
    keySerde: plan.keySerde,
    valueSerde: plan.valueSerde,
    sources: parent.sources,
    view,
    queryableStoreName: plan.isQueryable ? plan.name : undefined,
  };
}

function repartitioned<K, V>(
  { graph, node }: StreamState<K, V>,
  name: string,
  { keySerde, valueSerde }: Pick<StreamState<K, V>, 'keySerde' | 'valueSerde'>,
): { readonly node: GraphNode; readonly sources: ReadonlySet<string> } {
  const planned = repartition(graph, { name, keySerde, valueSerde });
  return { node: graph.add(node, planned.node), sources: new Set([planned.sourceName]) };
}
