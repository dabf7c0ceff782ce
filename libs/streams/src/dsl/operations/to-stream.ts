import { mapValuesNode } from '../../nodes/stateless.ts';
import type { Change } from '../../processor/change.ts';
import type { NodeFactory } from '../../processor/node.ts';
import { GraphNode } from '../graph-node.ts';
import type { StreamState, TableState } from '../stream-state.ts';

/** The updates of a table as a stream. Null is a deletion. */
export function toStream<K, V>(table: TableState<K, V>, named?: string): StreamState<K, V | null> {
  const { graph, keySerde, valueSerde, sources } = table;
  const name = graph.names.node('KTABLE-TOSTREAM-', named);
  const factory: NodeFactory<K, Change<V>, K, V | null> = mapValuesNode((change) => change.newValue);
  const node = new GraphNode({
    name,
    write: (topology, parents) => topology.addProcessor({ name, parents, factory }),
  });
  graph.add(table.node, node);
  return { graph, node, name, keySerde, valueSerde, sources, repartitionRequired: false };
}
