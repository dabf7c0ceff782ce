import type { Serde } from '../serdes/serde.ts';
import type { TableView } from '../nodes/table-view.ts';
import type { GraphNode } from './graph-node.ts';
import type { StreamGraph } from './stream-graph.ts';

/** Reaches the state of a stream or a table that the user handed over, for joins and merges. */
export const graphState: unique symbol = Symbol('the place in the graph');

/** The place of a stream in the graph. Operators take one and return the next. */
export interface StreamState<K, V> {
  readonly graph: StreamGraph;
  readonly node: GraphNode;
  readonly name: string;
  /** Undefined: unknown, after an operator that may change the type. */
  readonly keySerde: Serde<K> | undefined;
  readonly valueSerde: Serde<V> | undefined;
  /** The sources whose records arrive here, for co-partitioning. */
  readonly sources: ReadonlySet<string>;
  /** True: the key may have changed, so what needs equal keys in one partition repartitions first. */
  readonly repartitionRequired: boolean;
}

/** The place of a table in the graph. */
export interface TableState<K, V> extends Omit<StreamState<K, V>, 'repartitionRequired'> {
  /** How operators downstream read the table and ask for old values. */
  readonly view: TableView<K, V>;
  /** The store that can be queried, if the table has one. */
  readonly queryableStoreName: string | undefined;
}
