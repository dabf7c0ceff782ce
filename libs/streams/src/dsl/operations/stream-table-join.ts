import { streamTableJoinNode } from '../../nodes/stream-join.ts';
import { GraphNode } from '../graph-node.ts';
import type { Joined } from '../options/joins.ts';
import type { StreamState, TableState } from '../stream-state.ts';
import type { GlobalTableState } from './sources.ts';
import { repartitionForJoin } from '../repartition.ts';

export interface StreamTableJoinPlan<K, V, VTable, VOut> {
  readonly joiner: (value: V, tableValue: VTable | null, key: K) => VOut;
  readonly isLeft: boolean;
}

/** Joins a stream with a table by key. Repartitions the stream if its key may have changed. */
export function joinWithTable<K, V, VTable, VOut>(
  stream: StreamState<K, V>,
  table: TableState<K, VTable>,
  { joiner, isLeft }: StreamTableJoinPlan<K, V, VTable, VOut>,
  { name: named, keySerde, valueSerde }: Partial<Joined<K, V>> = {},
): StreamState<K, VOut> {
  const { graph } = stream;
  const left = repartitionForJoin(stream, { named, keySerde, valueSerde });
  const sources = new Set([...left.sources, ...table.sources]);
  graph.copartition(sources);
  const name = graph.names.node(isLeft ? 'KSTREAM-LEFTJOIN-' : 'KSTREAM-JOIN-', named);
  const readable = table.view.readable();
  const join = {
    table: readable,
    tableKeyOf: (key: K) => key,
    joiner: (key: K, value: V, tableValue: VTable | null) => joiner(value, tableValue, key),
    isLeft,
  };
  const node = new GraphNode({
    name,
    keepsNullKeys: isLeft,
    write(topology, parents) {
      topology.addProcessor({ name, parents, factory: (context) => streamTableJoinNode(join, context) });
      topology.connect(name, readable.storeNames);
    },
  });
  graph.add(left.node, node);
  return {
    graph,
    node,
    name,
    keySerde: keySerde ?? stream.keySerde,
    valueSerde: undefined,
    sources,
    repartitionRequired: false,
  };
}

/** Joins a stream with a global table by a key that each record names. Needs no repartition. */
export function joinWithGlobalTable<K, V, KGlobal, VGlobal, VOut>(
  stream: StreamState<K, V>,
  table: GlobalTableState<KGlobal, VGlobal>,
  tableKeyOf: (key: K, value: V) => KGlobal | null,
  { joiner, isLeft }: StreamTableJoinPlan<K, V, VGlobal, VOut>,
  named?: string,
): StreamState<K, VOut> {
  const { graph } = stream;
  // Kafka Streams has this prefix for inner joins too.
  const name = graph.names.node('KSTREAM-LEFTJOIN-', named);
  const join = {
    table: table.readable,
    tableKeyOf,
    joiner: (key: K, value: V, tableValue: VGlobal | null) => joiner(value, tableValue, key),
    isLeft,
  };
  const node = new GraphNode({
    name,
    keepsNullKeys: isLeft,
    write(topology, parents) {
      topology.addProcessor({ name, parents, factory: (context) => streamTableJoinNode(join, context) });
    },
  });
  graph.add(stream.node, node);
  return { ...stream, node, name, valueSerde: undefined };
}
