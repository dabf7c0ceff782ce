import type { TableView } from '../nodes/table-view.ts';
import type { Serde } from '../serdes/serde.ts';
import type { TopologyBuilder } from '../topology/topology-builder.ts';
import { GraphNode } from './graph-node.ts';
import type { GroupedStreamState } from './grouped-stream-state.ts';
import { repartition } from './repartition.ts';
import type { TableState } from './stream-state.ts';

export interface StreamAggregation<K, A> {
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
