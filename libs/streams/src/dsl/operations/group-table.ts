import { tableRegroupNode } from '../../nodes/aggregate.ts';
import type { Serde } from '../../serdes/serde.ts';
import { GraphNode } from '../graph-node.ts';
import type { GroupedTableState } from '../grouped-table-state.ts';
import type { Grouped } from '../options/grouped.ts';
import type { TableState } from '../stream-state.ts';

export function groupTable<K, V, KOut, VOut>(
  table: TableState<K, V>,
  select: (key: K, value: V) => readonly [KOut, VOut],
  grouped?: Grouped<KOut, VOut>,
): GroupedTableState<KOut, VOut> {
  const { graph } = table;
  const name = graph.names.node('KTABLE-SELECT-', grouped?.name);
  const areEqual = sameBytes(grouped?.keySerde);
  const node = new GraphNode({
    name,
    write(topology, parents) {
      topology.addProcessor({
        name,
        parents,
        factory: (context) => tableRegroupNode<K, V, KOut, VOut>({ select, areEqual }, context),
      });
    },
  });
  graph.add(table.node, node);
  table.view.enableSendingOldValues(true);
  return {
    graph,
    node,
    name,
    keySerde: grouped?.keySerde,
    valueSerde: grouped?.valueSerde,
    sources: table.sources,
    repartitionName: grouped?.name,
    shared: { repartitionNode: undefined },
  };
}

/** Java compares keys by `equals`; objects have no such thing here, but their bytes can be compared. */
const sameBytes =
  <K>(serde: Serde<K> | undefined) =>
  (one: K, other: K): boolean => {
    if (Object.is(one, other)) return true;
    if (typeof one !== 'object' || typeof other !== 'object') return false;
    const oneBytes = serde?.encode(one, '') ?? null;
    const otherBytes = serde?.encode(other, '') ?? null;
    return oneBytes !== null && otherBytes !== null && Buffer.compare(oneBytes, otherBytes) === 0;
  };
