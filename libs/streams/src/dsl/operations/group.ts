import { tableRegroupNode } from '../../nodes/aggregate.ts';
import { selectKeyNode } from '../../nodes/stateless.ts';
import type { Serde } from '../../serdes/serde.ts';
import { GraphNode } from '../graph-node.ts';
import type { Grouped } from '../options/topics.ts';
import type { StreamState, GroupedStreamState, TableState, GroupedTableState } from '../stream-state.ts';
import { addProcessor } from './stateless.ts';

export const groupByKey = <K, V>(
  stream: StreamState<K, V>,
  grouped?: Grouped<K, V>,
): GroupedStreamState<K, V> => ({
  ...stream,
  keySerde: grouped?.keySerde ?? stream.keySerde,
  valueSerde: grouped?.valueSerde ?? stream.valueSerde,
  repartitionName: grouped?.name,
  shared: { repartitionNode: undefined },
});

export function groupBy<K, V, KOut>(
  stream: StreamState<K, V>,
  select: (key: K, value: V) => KOut,
  grouped?: Grouped<KOut, V>,
): GroupedStreamState<KOut, V> {
  const name = stream.graph.names.node('KSTREAM-KEY-SELECT-', grouped?.name);
  return {
    ...stream,
    name,
    node: addProcessor(stream, name, selectKeyNode(select)),
    keySerde: grouped?.keySerde,
    valueSerde: grouped?.valueSerde ?? stream.valueSerde,
    repartitionRequired: true,
    repartitionName: grouped?.name,
    shared: { repartitionNode: undefined },
  };
}

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
